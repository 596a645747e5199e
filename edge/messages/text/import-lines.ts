import type { Text } from './language.js'

/**
 * Why a line of a file of a list, or what a person sent by a form, is not taken, `lineProblem.*`; the place in it stands
 * beside it.
 */
export const lineTexts = {
  'lineProblem.tooManyBytes': {
    'zh-CN': '该行超过 {bytes} 字节，请拆分或缩短',
    en: 'longer than {bytes} bytes',
  },
  'lineProblem.notUtf8': { 'zh-CN': '不是 UTF-8 编码，请另存为 UTF-8', en: 'not UTF-8: save it as UTF-8' },
  'lineProblem.notJson': {
    'zh-CN': '不是 JSON（每行写一个条目）',
    en: 'not JSON (write one entry a line)',
  },
  'lineProblem.cells': {
    'zh-CN': '有 {count} 个单元格，而首行列出 {expected} 个',
    en: '{count} cells, and the first line names {expected}',
  },
  'lineProblem.twice': {
    'zh-CN': '{key} 在文件中出现两次，只保留正确的一条',
    en: '{key} stands twice in the file: leave the right one',
  },
  'lineProblem.missing': { 'zh-CN': '缺少此字段，必须填写', en: 'missing, and it must be there' },
  'lineProblem.notText': { 'zh-CN': '应为文本', en: 'must be text' },
  'lineProblem.notNumber': { 'zh-CN': '应为数字', en: 'must be a number' },
  'lineProblem.notInteger': { 'zh-CN': '应为整数', en: 'must be a whole number' },
  'lineProblem.notBoolean': { 'zh-CN': '应为 true 或 false', en: 'must be true or false' },
  'lineProblem.notArray': { 'zh-CN': '应为数组 [ ]', en: 'must be an array [ ]' },
  'lineProblem.notObject': { 'zh-CN': '应为对象 {…}', en: 'must be an object {…}' },
  'lineProblem.notOneOf': { 'zh-CN': '只能是：{allowed}', en: 'must be one of: {allowed}' },
  'lineProblem.unknownFields': {
    'zh-CN': '未知字段：{names}，请删除或改正',
    en: 'unknown: {names}; take it out, or mend the name',
  },
  'lineProblem.textTooShort': { 'zh-CN': '至少 {limit} 个字符', en: 'must have {limit} characters at least' },
  'lineProblem.textTooLong': { 'zh-CN': '最多 {limit} 个字符', en: 'must have {limit} characters at most' },
  'lineProblem.tooSmall': { 'zh-CN': '不得小于 {limit}', en: 'must be {limit} at least' },
  'lineProblem.tooLarge': { 'zh-CN': '不得大于 {limit}', en: 'must be {limit} at most' },
  'lineProblem.tooFew': { 'zh-CN': '至少 {limit} 项', en: 'must have {limit} items at least' },
  'lineProblem.tooMany': { 'zh-CN': '最多 {limit} 项', en: 'must have {limit} items at most' },
  'lineProblem.form': { 'zh-CN': '格式不符合规定（{said}）', en: 'is not of the agreed form ({said})' },
  'lineProblem.wrongKind': {
    'zh-CN': '名单 {list} 的条目类型是 {kind}，不是 {found}',
    en: 'the list {list} holds {kind}, not {found}',
  },
  'lineProblem.blank': { 'zh-CN': '只有空白，请填写内容', en: 'nothing but blanks' },
  'lineProblem.noCheckDigit': {
    'zh-CN': '集装箱号 {number} 缺少校验码，是否为 {likely}？',
    en: 'the container number {number} has no check digit: is it {likely}?',
  },
  'lineProblem.wrongCheckDigit': {
    'zh-CN': '集装箱号 {number} 的校验码不符，是否为 {likely}？',
    en: 'the check digit of the container number {number} does not fit: is it {likely}?',
  },
  'lineProblem.notPartOfPlate': {
    'zh-CN': '“{key}”不是部分车牌：用字母和数字，? 代表一位，* 代表任意位，且至少有其一；完整车牌请用 PLATE',
    en: '"{key}" is no part of a plate: letters and digits, ? for one sign, * for any, and one of them; a whole plate is a PLATE',
  },
  'lineProblem.patternMark': {
    'zh-CN': '此标记只用于部分车牌布控，请删除',
    en: 'is a mark of orders on part of a plate: leave it out',
  },
  'lineProblem.patternVague': {
    'zh-CN': '至少须写明 {least} 位：请补充 {key} 的车牌内容',
    en: '{least} signs at least must be fixed: name more of the plate than {key}',
  },
  'lineProblem.patternAction': {
    'zh-CN': '部分车牌布控只能提示或拦截：{action} 须用完整车牌或其他对象',
    en: 'an order on part of a plate notifies or intercepts: {action} needs a whole plate or another subject',
  },
  'lineProblem.patternIntercept': {
    'zh-CN': '部分车牌拦截会拦停无关车辆：请写明 patternMayIntercept，或改用 NOTIFY',
    en: 'an INTERCEPT on part of a plate stops vehicles that nobody meant: say patternMayIntercept, or NOTIFY',
  },
  'lineProblem.patternBan': {
    'zh-CN': '黑名单不能用部分车牌：请改用布控指令，或写完整车牌',
    en: 'nobody is blacklisted by part of a plate: place an order, or name the whole plate',
  },
  'lineProblem.otherAgency': {
    'zh-CN': '{found} 不是文件头所写的机构',
    en: '{found} is not the agency of the header',
  },
  'lineProblem.noTagsOf': {
    'zh-CN': '{agency} 没有 {home} 的卡，请核对机构设置（tolling.agencies）',
    en: '{agency} has no tags of {home}: see tolling.agencies',
  },
  'lineProblem.serialForm': {
    'zh-CN': '{found} 不是 1 至 10 位的数字',
    en: '{found} is not a number of 1 to 10 digits',
  },
  'lineProblem.serialOutside': {
    'zh-CN': '{serial} 不在 {from} 至 {to} 之间',
    en: '{serial}: outside {from} to {to}',
  },
  'lineProblem.serialTooLong': {
    'zh-CN': '{serial} 超过卡上的 {digits} 位',
    en: '{serial}: more than {digits} digits on a tag',
  },
  'lineProblem.unknownMark': {
    'zh-CN': '无法识别 {found}，只能是：{allowed}',
    en: '{found} is not known, only {allowed}',
  },
  'lineProblem.recordForm': {
    'zh-CN': '不是 {length} 个字符的 {format} 记录',
    en: 'no {format} record of {length} characters',
  },
  'lineProblem.fields': {
    'zh-CN': '有 {count} 个字段，应为 {expected} 个',
    en: '{count} fields, not {expected}',
  },
  'lineProblem.tenPlaces': { 'zh-CN': '{found} 不是十位卡号', en: '{found} is no tag of ten places' },
  'lineProblem.wrongForm': {
    'zh-CN': '格式不正确，应符合：{form}',
    en: 'is not of the agreed form, which is: {form}',
  },
  'lineProblem.twiceInChange': {
    'zh-CN': '{key} 在本次变更中出现两次，只保留一条',
    en: '{key} is named twice in this change: leave one of them',
  },
  'lineProblem.noSuchEntry': {
    'zh-CN': '名单 {list} 中没有 {key}，请核对编号',
    en: 'the list {list} has no entry {key}: look at its number again',
  },
  'lineProblem.lockedBox': {
    'zh-CN': '{number} 已锁闭，由关员解锁',
    en: '{number} is locked; an officer unlocks it',
  },
  'lineProblem.tooManyPatterns': {
    'zh-CN': '部分车牌布控将达 {count} 条，最多 {limit} 条：请先解控一些，或写完整车牌',
    en: '{count} orders would be on parts of plates, and {limit} may be: lift some, or name whole plates',
  },
  'lineProblem.approvalNeeded': {
    'zh-CN': '{key} 须经另一名人员批准，请在“布控指令”中提交',
    en: "{key} needs another person's approval: place it as an order",
  },
  'lineProblem.inForceUnchanged': {
    'zh-CN': '{key} 正在生效，不能修改；请解控后重新布控',
    en: '{key} is in force and is changed by nobody: have it lifted, and place another',
  },
  'lineProblem.inForceLifted': {
    'zh-CN': '{key} 正在生效，由布控单位两人解控',
    en: '{key} is in force: two people of its agency lift it',
  },
  'lineProblem.liftedStays': {
    'zh-CN': '{key} 已解控，全部通道获知后自动移出名单',
    en: '{key} is lifted, and leaves the list by itself when every edge has seen it',
  },
  'lineProblem.holdKept': {
    'zh-CN': '{key} 不能撤销或减弱（{reason}）：须两人各用本人密钥解控',
    en: '{key} neither goes nor grows weaker ({reason}): two persons lift it, each with the own key',
  },
  'lineProblem.ownSignature': {
    'zh-CN': '本站名单须签名：请用本人密钥签署解控',
    en: 'is missing: lists are signed here, and your own key signs a lift',
  },
  'lineProblem.ownPassphrase': {
    'zh-CN': '请输入本人密钥的口令',
    en: 'is missing: it opens your own key',
  },
  'lineProblem.noKeyOfYours': {
    'zh-CN': '{found} 不是您可用于解控的密钥，请用本人密钥签署',
    en: '{found} is no key of yours that may lift: sign with your own',
  },
  'lineProblem.otherStatement': {
    'zh-CN': '签名不是对本次解控的签署，请签署现在显示的内容',
    en: 'the signature is not over the statement of this lift: sign the one shown now',
  },
  'lineProblem.unprovenLift': {
    'zh-CN': '通道控制器不会接受此解控（签名不足或密钥已撤销）：请撤回后重新申请',
    en: 'no lane controller would take this lift, because a signature or its key does not hold: take it back, and have it asked for anew',
  },
  'lineProblem.noEndByFile': {
    'zh-CN': '布控和黑名单不能用文件终止，只能合并；终止请逐条解控',
    en: 'no file ends orders or bans: merge it, and have them lifted one by one',
  },
  'lineProblem.tagsOnly': {
    'zh-CN': '{format} 文件只含电子标签，请选择电子标签名单',
    en: 'a file of {format} holds tags: choose the list of tags',
  },
  'lineProblem.noTollAgencies': {
    'zh-CN': '尚未设置收费机构，请维护员设置 tolling',
    en: 'no toll agencies are configured: a maintainer sets tolling',
  },
  'lineProblem.secretNumber': {
    'zh-CN': '秘密布控的编号须以 S- 开头，请改编号',
    en: 'the number of a secret order begins with S-: give it such a one',
  },
  'lineProblem.keptNumber': {
    'zh-CN': '{key} 是系统保留的编号：请换一个不以 S- 或 AUTO- 开头的编号（秘密布控由有权限的人员导入）',
    en: '{key} is a number that is kept: take one that begins neither with S- nor with AUTO- (secret orders come by those who may see them)',
  },
  'lineProblem.waitingNumber': {
    'zh-CN': '{key} 是待批准布控的编号：请换一个编号，或等该布控批准或驳回',
    en: '{key} is the number of an order that waits for approval: take another number, or have that one decided first',
  },
  'lineProblem.numberTaken': {
    'zh-CN': '名单中 {key} 已是另一条布控：请核对名单；待批准的请驳回后换编号重新布控',
    en: 'the list has another order under {key}: look at the list; reject one that waits, and have it placed under another number',
  },
  'lineProblem.numberGiven': {
    'zh-CN': '秘密布控的编号由网关给定，请留空',
    en: 'the gateway gives secret orders their numbers: leave it empty',
  },
  'lineProblem.noEntry': { 'zh-CN': '不是名单条目（{said}）', en: 'no entry of a list ({said})' },
} as const satisfies Record<string, Text>

/** Why a line is not taken: the key of its text without `lineProblem.` */
export type LineCode = keyof typeof lineTexts extends `lineProblem.${infer Code}` ? Code : never

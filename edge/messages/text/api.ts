import type { Text } from './language.js'

/** `api.<error>`: why the gateway did not do what was asked, for the person who asked. */
export const apiErrors = {
  'api.notSignedIn': { 'zh-CN': '未登录', en: 'You are not signed in' },
  'api.linkUsed': {
    'zh-CN': '登录链接已使用或已过期',
    en: 'The operator link was used already or has expired',
  },
  'api.wrongSignIn': { 'zh-CN': '姓名或口令不正确', en: 'The name or the passphrase is not right' },
  'api.weakPassphrase': {
    'zh-CN': '口令太弱：至少 12 个字符，不能与原口令相同，也不能只是姓名',
    en: 'This passphrase is too weak: at least 12 characters, another one than before, and more than your name',
  },
  'api.tooManyTries': { 'zh-CN': '尝试次数过多，请稍后再试', en: 'Too many tries: wait a little' },
  'api.foreignOrigin': { 'zh-CN': '请求来自其他网站，已拒绝', en: 'the request came from another site' },
  'api.foreignHost': { 'zh-CN': '访问地址不被允许', en: 'this address is not one of the gateway’s own' },
  'api.notAllowed': { 'zh-CN': '没有此项权限', en: 'you may not see or do this' },
  'api.needsOfficer': {
    'zh-CN': '此操作需要关员（或主管）角色',
    en: 'this needs the role of an officer or a supervisor',
  },
  'api.needsInspector': {
    'zh-CN': '此操作需要查验员（或主管）角色',
    en: 'this needs the role of an inspector or a supervisor',
  },
  'api.needsSupervisor': { 'zh-CN': '此操作需要主管角色', en: 'this needs the role of a supervisor' },
  'api.needsMaintainer': { 'zh-CN': '此操作需要维护员角色', en: 'this needs the role of a maintainer' },
  'api.needsAuditor': {
    'zh-CN': '查看此内容需要审计员（或主管）角色',
    en: 'this needs the role of an auditor or a supervisor',
  },
  'api.notFound': { 'zh-CN': '未找到该事项', en: 'there is no such thing here any more' },
  'api.invalid': { 'zh-CN': '填写内容有误', en: 'something in it is not right' },
  'api.tooLarge': { 'zh-CN': '内容过大', en: 'it is too large' },
  'api.conflict': {
    'zh-CN': '此事项已由他人处理或已变化，请看最新状态',
    en: 'somebody else answered, or it has changed: look at it again',
  },
  'api.closed': { 'zh-CN': '此事项已结束', en: 'it is closed already' },
  'api.passageEnded': { 'zh-CN': '车辆已离开通道', en: 'the vehicle has left the lane' },
  'api.passageNotCurrent': { 'zh-CN': '通道内已是另一辆车', en: 'another vehicle is in the lane now' },
  'api.interceptNeedsReason': {
    'zh-CN': '拦截车辆放行须填写理由',
    en: 'a release under an intercept needs a reason',
  },
  'api.interceptNeedsOrder': {
    'zh-CN': '拦截车辆放行须填写布控单号',
    en: 'a release under an intercept needs the number of every order',
  },
  'api.wrongState': {
    'zh-CN': '该任务当前状态不允许此操作，请看最新状态',
    en: 'the task does not stand where this step begins: look at it again',
  },
  'api.notAnInspector': { 'zh-CN': '不是已登记的查验员', en: 'this is not a registered inspector' },
  'api.needsReason': { 'zh-CN': '须填写说明', en: 'a remark is needed that says why' },
  'api.stillLocked': {
    'zh-CN': '集装箱不能解锁：查验或处理尚未完成',
    en: 'the container stays locked: inspection or treatment is not done',
  },
  'api.listMovedOn': {
    'zh-CN': '名单在此期间已有变化，请重新预演导入',
    en: 'the list has changed since: read the file again',
  },
  'api.foreignAgency': {
    'zh-CN': '只有布控单位的人员可以进行此操作',
    en: 'only people of the agency that issues the order may do this',
  },
  'api.needsApproval': {
    'zh-CN': '布控须经他人批准，解控须由布控单位两人办理，不能直接修改名单',
    en: 'an order takes another person’s approval, and its lift two people of its agency: the list is not changed around them',
  },
  'api.secondPerson': {
    'zh-CN': '须由另一名人员确认',
    en: 'another person has to confirm it',
  },
  'api.noKeysHere': {
    'zh-CN': '网关没有人员密钥，无法签署：请维护员设置 trust.personsDir，或用 lanekeeper keys lift 另行签署',
    en: 'there are no keys of people at the gateway: a maintainer sets trust.personsDir; an order can be signed elsewhere with `lanekeeper keys lift`',
  },
  'api.noKey': {
    'zh-CN':
      '您没有可用于解控的密钥：用 lanekeeper keys person 制作，再由维护员用 lanekeeper keys delegate 授权',
    en: 'no key of yours may lift: make one with `lanekeeper keys person`, and have it named with `lanekeeper keys delegate`',
  },
  'api.wrongPassphrase': {
    'zh-CN': '密钥口令不正确：请输入制作密钥时的口令（不是登录口令），15 分钟内最多五次',
    en: 'the passphrase does not open your key: it is the one that the key was made with, not that of your sign-in; five tries in 15 minutes',
  },
  'api.edgeAway': {
    'zh-CN': '通道控制器离线，无法送达',
    en: 'the lane controller is away and cannot be told',
  },
  'api.idUsed': { 'zh-CN': '该编号已使用', en: 'this id was used already' },
  'api.noDelta': { 'zh-CN': '没有可用的增量名单', en: 'no single step leads there from that version' },
  'api.storeNotWritable': {
    'zh-CN': '网关无法保存，未执行',
    en: 'the gateway cannot write its records, so nothing was done',
  },
  'api.internal': { 'zh-CN': '网关内部错误', en: 'something went wrong in the gateway' },
  /** Set by the page itself: whether the gateway took it is not known. */
  'api.unreachable': {
    'zh-CN': '没有收到网关的答复，不确定是否已执行，请看最新状态',
    en: 'no word from the gateway, so it may or may not have been done: look at it again',
  },
  /** Stands in for an error that this page has no words for. */
  'api.other': { 'zh-CN': '网关未接受，请看最新状态', en: 'the gateway did not take it: look at it again' },
  'api.signedIn': { 'zh-CN': '已登录', en: 'You are signed in' },
  'api.consoleNotBuilt': {
    'zh-CN': '控制台页面尚未构建，请先运行 npm run build',
    en: 'The console is not built: run npm run build first',
  },
} as const satisfies Record<string, Text>

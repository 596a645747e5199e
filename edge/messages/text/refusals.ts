import type { Text } from './language.js'

/** `refusal.<why>`: why an answer, command or list was not taken, for the person who sent it. */
export const refusals = {
  'refusal.retained': {
    'zh-CN': '指令是服务器保留的旧消息，已拒绝',
    en: 'it was an old message kept by the broker',
  },
  'refusal.expired': { 'zh-CN': '指令已过期', en: 'it arrived after it had expired' },
  'refusal.usedId': { 'zh-CN': '该指令已使用过一次', en: 'it had been used already' },
  'refusal.otherLane': { 'zh-CN': '指令属于其他通道', en: 'it was meant for another lane' },
  'refusal.otherPassage': {
    'zh-CN': '车辆已离开，指令属于之前的通行',
    en: 'it was meant for another passage: that vehicle is gone',
  },
  'refusal.otherEscalation': {
    'zh-CN': '指令针对的不是当前的待处理事项',
    en: 'it answered another escalation',
  },
  'refusal.notHeld': { 'zh-CN': '车辆当前未被拦停', en: 'the vehicle is not being held' },
  'refusal.interceptNeedsReason': {
    'zh-CN': '拦截车辆放行须填写理由',
    en: 'a release under an intercept needs a reason',
  },
  'refusal.interceptNeedsOrder': {
    'zh-CN': '拦截车辆放行须填写布控单号',
    en: 'a release under an intercept needs the number of the order',
  },
  'refusal.journalNotWritable': {
    'zh-CN': '通道无法写入记录，不能执行',
    en: 'the lane cannot write its records, so it does nothing',
  },
  'refusal.modeForbids': {
    'zh-CN': '通道当前方式不允许抬杆',
    en: 'the lane’s mode does not let it raise the barrier',
  },
  'refusal.incident': {
    'zh-CN': '应急指令生效，全部车辆暂停放行',
    en: 'an emergency order holds every vehicle',
  },
  'refusal.otherIncident': {
    'zh-CN': '生效的是另一条应急指令',
    en: 'another emergency order is in force',
  },
  'refusal.reasonMissing': { 'zh-CN': '须填写理由', en: 'it needs a reason' },
  'refusal.twoPersons': {
    'zh-CN': '应急开放须由两名不同人员共同确认',
    en: 'an emergency opening needs two different persons',
  },
  'refusal.emergencyNeedsEnd': {
    'zh-CN': '应急开放须有结束时间，且不得超过上限',
    en: 'an emergency opening needs an end within its limit',
  },
  'refusal.inspectFirst': {
    'zh-CN': '该车须先经人员查看：请将通道切换为“有人确认”后处理',
    en: 'the vehicle must be looked at first: set the lane to attended and answer there',
  },
  'refusal.factsPending': {
    'zh-CN': '正在查询名单，请稍后再试',
    en: 'the lists are being asked about the vehicle: try again',
  },
  'refusal.vehicleNotAtLine': {
    'zh-CN': '车辆不在停止线处',
    en: 'the vehicle does not stand at the stop line',
  },
  'refusal.barrierNotReady': {
    'zh-CN': '道闸未就绪或状态不明',
    en: 'the barrier is not ready, or its state is not known',
  },
  'refusal.laneBusy': {
    'zh-CN': '通道待处理的指令过多，请稍后再试',
    en: 'too many orders wait for this lane; try again',
  },
  'refusal.locked': {
    'zh-CN': '已上锁，须由有权人员解锁后方可放行',
    en: 'it is locked: an officer must unlock it first',
  },
  'refusal.disinfectionNeedsReason': {
    'zh-CN': '车辆未消毒，放行须填写理由',
    en: 'the vehicle is not disinfected: a release needs a reason',
  },
  'refusal.spraying': { 'zh-CN': '消毒设备正在喷洒', en: 'the sprayer is at work' },
  'refusal.raiseUnsettled': {
    'zh-CN': '上一次抬杆请求结果未明',
    en: 'it is not yet known what became of an earlier raise',
  },
  'refusal.anotherPlate': {
    'zh-CN': '此后又识别到另一车牌，请再看一次现场',
    en: 'another plate has been read since: look at the lane again',
  },
  /** The gateway's own: the time for an answer of the lane has run out. */
  'refusal.noWord': {
    'zh-CN': '通道没有回音，不确定是否已执行，请看现场',
    en: 'no word from the lane, so it may or may not have been done: look at the lane',
  },
  'refusal.malformed': { 'zh-CN': '指令内容无法识别', en: 'it made no sense' },
  'refusal.unknownVersion': {
    'zh-CN': '指令格式版本不受支持',
    en: 'it was written in a version that this edge does not know',
  },
  'refusal.listVersionBack': {
    'zh-CN': '名单版本低于已启用过的版本',
    en: 'the list is older than one that was in force',
  },
  'refusal.listSameVersionOtherContent': {
    'zh-CN': '名单版本号相同但内容不同',
    en: 'the list has another content under a version that is in force',
  },
  'refusal.listCountMismatch': {
    'zh-CN': '名单条目数与公布的不符',
    en: 'the list has not the announced number of entries',
  },
  'refusal.listTooLong': {
    'zh-CN': '名单条目数超过公布的数量',
    en: 'the list has more entries than announced',
  },
  'refusal.listHashMismatch': {
    'zh-CN': '名单内容校验不符',
    en: 'the content of the list is not what was announced',
  },
  'refusal.listDuplicateKey': { 'zh-CN': '名单中有重复条目', en: 'an entry of the list came twice' },
  'refusal.listWrongKind': {
    'zh-CN': '名单中有不属于该名单的条目',
    en: 'an entry does not belong in this list',
  },
  'refusal.listOtherHead': { 'zh-CN': '名单变更与名单不符', en: 'the change is for another list' },
  'refusal.listBaseMismatch': {
    'zh-CN': '名单变更的起始版本不符',
    en: 'the change starts from another version',
  },
  'refusal.listIncomplete': {
    'zh-CN': '名单传输中断或有无法识别的条目',
    en: 'the list broke off, or has an entry that makes no sense',
  },
  'refusal.listNotStored': { 'zh-CN': '本机无法保存名单', en: 'the edge could not store the list' },
  'refusal.listStoreClosed': { 'zh-CN': '本机正在停机', en: 'the edge is stopping' },
  'refusal.listHoldVanished': {
    'zh-CN': '名单中有布控或黑名单条目未经两人解控即消失',
    en: 'an order or a ban is gone from it without a lift by two persons',
  },
  'refusal.listHoldWeakened': {
    'zh-CN': '名单中有布控或黑名单条目未经两人解控即被放宽',
    en: 'an order or a ban in it became weaker without a lift by two persons',
  },
  'refusal.liftNotProven': {
    'zh-CN': '解控签名不足，不予承认',
    en: 'a lift in it is not proven by the signatures of two persons',
  },
  'refusal.listNotNamed': {
    'zh-CN': '收到的名单未列入已签名的目录',
    en: 'what came is not what the signed snapshot names',
  },
  'refusal.listLongerThanNamed': {
    'zh-CN': '名单超过已签名目录所列的长度',
    en: 'it is longer than the signed snapshot names',
  },
  'refusal.listRefused': { 'zh-CN': '名单未通过校验', en: 'the list failed its check' },
} as const satisfies Record<string, Text>

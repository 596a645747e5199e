import type { FaultCode } from '../../base/fault.js'
import type { Text } from './language.js'

/** `fault.<code>`: a condition that lasts, in words for the person who decides whether to send somebody. */
export const faults = {
  'fault.reader.disconnected': { 'zh-CN': '读写器断开', en: 'Reader disconnected' },
  'fault.reader.noisyLine': {
    'zh-CN': '读写器线路杂乱，数据无法识别',
    en: 'Reader line is noisy: data makes no sense',
  },
  'fault.reader.flooding': {
    'zh-CN': '读写器数据过量，已丢弃部分读数',
    en: 'Reader floods the lane: some reads are dropped',
  },
  'fault.reader.silent': { 'zh-CN': '读写器在线但无数据', en: 'Reader is connected but silent' },
  'fault.readerBus.refusedClient': {
    'zh-CN': '有未授权设备尝试接入读写器总线',
    en: 'A device without rights tried to join the reader bus',
  },
  'fault.barrier.disconnected': { 'zh-CN': '道闸控制器断开', en: 'Barrier controller disconnected' },
  'fault.barrier.failedToRaise': { 'zh-CN': '道闸未能抬起', en: 'Barrier failed to raise' },
  'fault.sprayer.failed': { 'zh-CN': '消毒设备故障', en: 'Sprayer is out of order' },
  'fault.barrier.blocked': { 'zh-CN': '道闸受阻', en: 'Barrier is blocked' },
  'fault.barrier.unexpectedlyRaised': {
    'zh-CN': '道闸未经指令抬起',
    en: 'Barrier raised without our request',
  },
  'fault.barrier.unknownOutcome': {
    'zh-CN': '抬杆请求结果不明，请看现场',
    en: 'Outcome of a raise request is unknown: look at the lane',
  },
  'fault.barrier.signalsSlow': {
    'zh-CN': '道闸控制器信号过慢',
    en: 'Signals from the barrier controller are slow',
  },
  'fault.plc.watchdog': {
    'zh-CN': '道闸控制器收不到本系统心跳，已自行进入安全状态',
    en: 'Barrier controller misses our heartbeat and went to its safe state',
  },
  'fault.plc.restarted': { 'zh-CN': '道闸控制器已重新启动', en: 'Barrier controller restarted' },
  'fault.plc.onBattery': {
    'zh-CN': '市电中断，通道由备用电池供电',
    en: 'Mains power is gone: lane runs on its battery',
  },
  'fault.loop.stuck': { 'zh-CN': '地感线圈长时间占用，可能故障', en: 'Loop stays occupied: it may be stuck' },
  'fault.loop.unknown': { 'zh-CN': '地感线圈状态不明', en: 'Loop state is unknown' },
  'fault.lane.mailboxFull': {
    'zh-CN': '通道事件积压，已丢弃部分读数',
    en: 'Lane is overloaded: some reads are dropped',
  },
  'fault.lane.findingsLate': {
    'zh-CN': '设备数据延迟到达，已不计入车辆',
    en: 'Findings of a device come late and are not counted for the vehicle',
  },
  'fault.lane.tooManyTags': {
    'zh-CN': '单次通行读到的标签过多',
    en: 'More tags in one passage than a vehicle can carry',
  },
  'fault.lane.previousNotClosed': { 'zh-CN': '前车通行未结束', en: 'The passage before has not been closed' },
  'fault.lane.violation': { 'zh-CN': '闯关或尾随', en: 'Barrier run or tail-gating' },
  'fault.lane.manualOften': { 'zh-CN': '手动放行次数过多', en: 'Many manual releases' },
  'fault.lane.emergencyOpen': { 'zh-CN': '通道处于应急开放', en: 'Lane is open for an emergency' },
  'fault.controlList.missing': { 'zh-CN': '名单缺失', en: 'List is missing' },
  'fault.controlList.stale': { 'zh-CN': '名单过旧', en: 'List is out of date' },
  'fault.controlList.refused': {
    'zh-CN': '名单新版本未通过校验，沿用旧版本',
    en: 'A new list version failed its check: the old one stays in force',
  },
  'fault.controlList.corrupt': { 'zh-CN': '名单内容损坏', en: 'List content is damaged' },
  'fault.journal.notWritable': {
    'zh-CN': '无法写入记录，通道已关闭',
    en: 'Records cannot be written: the lane is closed',
  },
  'fault.journal.diskNearlyFull': { 'zh-CN': '磁盘将满', en: 'Disk is nearly full' },
  'fault.journal.corrupt': { 'zh-CN': '记录数据库损坏', en: 'The record database is damaged' },
  'fault.clock.untrusted': { 'zh-CN': '时钟不可信', en: 'Clock cannot be trusted' },
  'fault.uplink.disconnected': {
    'zh-CN': '与中心的连接断开，通道独立运行',
    en: 'No connection to the gateway: the lane works alone',
  },
  'fault.uplink.refused': {
    'zh-CN': '中心拒绝了连接，请检查凭证',
    en: 'The gateway refuses the connection: check the secret',
  },
  'fault.outbox.backlog': { 'zh-CN': '待上传记录积压', en: 'Many records wait to be sent' },
  'fault.outbox.gap': {
    'zh-CN': '中心缺少的记录，本机已不再保存',
    en: 'The gateway lacks records that this edge no longer keeps',
  },
  'fault.gateway.storeNotWritable': {
    'zh-CN': '中心无法写入数据库，各通道保留记录待补传',
    en: 'The gateway cannot write its store: the edges keep their records and send them again',
  },
  'fault.gateway.edgeIdContested': {
    'zh-CN': '两台设备使用同一通道机编号，轮流顶掉对方',
    en: 'Two machines use the id of one edge and push each other out',
  },
  'fault.gateway.eventQuarantined': {
    'zh-CN': '通道机发来的记录无法采信，已隔离保存',
    en: 'A record of this edge could not be believed and was set aside',
  },
  'fault.gateway.chainBroken': {
    'zh-CN': '通道机的记录链中断，可能被改动',
    en: 'The chain of records of this edge is broken: records may have been changed',
  },
  'fault.gateway.listRefused': {
    'zh-CN': '通道机拒绝了名单新版本',
    en: 'The edge refused a new version of a list',
  },
  'fault.gateway.ackBeyondStore': {
    'zh-CN': '网关存储的记录少于其标记，已停止向该通道机确认',
    en: 'The store holds less than its mark says: this edge is not acknowledged any more',
  },
} as const satisfies Record<`fault.${FaultCode}`, Text>

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
  'fault.controlList.malformed': {
    'zh-CN': '名单证明无法读取或过大，已拒收',
    en: 'Proof of the lists makes no sense or is too large: refused',
  },
  'fault.controlList.foreignSite': {
    'zh-CN': '收到其他口岸的名单证明，已拒收',
    en: 'Proof of the lists is of another site: refused',
  },
  'fault.controlList.badSignature': {
    'zh-CN': '名单签名不符或签名不足，已拒收，请立即核查',
    en: 'Lists are not signed by who must sign them: refused, look into it at once',
  },
  'fault.controlList.trustExpired': {
    'zh-CN': '签名授权已到期或不连续，需签发新的授权',
    en: 'The authority behind the lists has ended or has a gap: a new one must be signed',
  },
  'fault.controlList.frozen': {
    'zh-CN': '没有新的名单时间证明，名单可能被冻结',
    en: 'No fresh proof that the lists are the newest: they may be held back',
  },
  'fault.controlList.mixed': {
    'zh-CN': '名单版本不属于同一快照，已拒收',
    en: 'List versions do not belong together: refused',
  },
  'fault.controlList.rollback': {
    'zh-CN': '名单被退回旧版本，已拒收',
    en: 'Lists went back to an older version: refused',
  },
  'fault.controlList.fastForward': {
    'zh-CN': '名单版本号或时间跳跃过大，已拒收，请检查密钥',
    en: 'Versions or times of the lists leapt ahead: refused, look at the keys',
  },
  'fault.controlList.holdVanished': {
    'zh-CN': '布控未经两人解控即消失，已拒收',
    en: 'A hold went without being lifted by two people: refused',
  },
  'fault.controlList.trustNotKept': {
    'zh-CN': '无法保存已验证的名单证明，名单暂不更新',
    en: 'What was proven about the lists cannot be kept: lists are not updated',
  },
  'fault.controlList.noRoot': {
    'zh-CN': '本机没有名单信任根：不接收名单，不自动放行',
    en: 'This box knows no root of the lists: it takes none, and nobody is released automatically',
  },
  'fault.controlList.rootDiffers': {
    'zh-CN': '配置的名单信任根与注册时取得的不一致，以配置为准',
    en: 'The root of the configuration and that of enrolment do not belong together; the former counts',
  },
  'fault.controlList.unsigned': {
    'zh-CN': '按配置不验证名单签名：控制网络者可改动布控',
    en: 'Lists are taken unsigned, as configured: whoever holds the network can change orders',
  },
  'fault.controlList.notResynced': {
    'zh-CN': '已恢复连接，但未能确认布控和黑名单为最新，通道按断网方式运行',
    en: 'Connected, but orders and blacklist are not known to be the newest: the lane goes on as if alone',
  },
  'fault.journal.notWritable': {
    'zh-CN': '无法写入记录，通道已关闭',
    en: 'Records cannot be written: the lane is closed',
  },
  'fault.journal.diskNearlyFull': { 'zh-CN': '磁盘将满', en: 'Disk is nearly full' },
  'fault.journal.corrupt': { 'zh-CN': '记录数据库损坏', en: 'The record database is damaged' },
  'fault.clock.untrusted': { 'zh-CN': '时钟不可信', en: 'Clock cannot be trusted' },
  'fault.uplink.disconnected': {
    'zh-CN': '与网关的连接断开，通道独立运行',
    en: 'No connection to the gateway: the lane works alone',
  },
  'fault.uplink.refused': {
    'zh-CN': '网关拒绝了连接，请检查凭证',
    en: 'The gateway refuses the connection: check the secret',
  },
  'fault.identity.missing': {
    'zh-CN': '本机尚未注册，没有可用的证书',
    en: 'This edge is not enrolled: it has no certificate to show',
  },
  'fault.identity.refused': {
    'zh-CN': '网关不接受本机证书，需重新注册',
    en: 'The gateway does not take the certificate of this edge: enrol it anew',
  },
  'fault.identity.revoked': {
    'zh-CN': '本机证书已被吊销，需重新注册',
    en: 'The certificate of this edge was revoked: enrol it anew',
  },
  'fault.identity.expiring': {
    'zh-CN': '本机证书即将到期，自动续期未成功',
    en: 'The certificate of this edge ends soon, and renewing it does not work',
  },
  'fault.identity.expired': {
    'zh-CN': '本机证书已到期（或时钟有误），通道继续自行判定，记录待补传',
    en: 'The certificate of this edge has ended, or its clock is wrong: lanes go on deciding, records wait',
  },
  'fault.identity.clock': {
    'zh-CN': '本机时钟与证书有效期不符，请校准时钟',
    en: 'By the clock of this edge the certificate of the gateway is not valid: set the clock',
  },
  'fault.outbox.backlog': { 'zh-CN': '待上传记录积压', en: 'Many records wait to be sent' },
  'fault.outbox.gap': {
    'zh-CN': '网关缺少的记录，本机已不再保存',
    en: 'The gateway lacks records that this edge no longer keeps',
  },
  'fault.gateway.storeNotWritable': {
    'zh-CN': '网关无法写入数据库，各通道保留记录待补传',
    en: 'The gateway cannot write its store: the edges keep their records and send them again',
  },
  'fault.gateway.edgeIdContested': {
    'zh-CN': '两台设备使用同一通道控制器编号，轮流顶掉对方',
    en: 'Two machines use the id of one edge and push each other out',
  },
  'fault.gateway.edgeRevoked': {
    'zh-CN': '该通道控制器的证书已被吊销',
    en: 'The certificates of this edge were revoked',
  },
  'fault.gateway.eventQuarantined': {
    'zh-CN': '通道控制器发来的记录无法采信，已隔离保存',
    en: 'A record of this edge could not be believed and was set aside',
  },
  'fault.gateway.chainBroken': {
    'zh-CN': '通道控制器的记录链中断，可能被改动',
    en: 'The chain of records of this edge is broken: records may have been changed',
  },
  'fault.gateway.listsNotSigned': {
    'zh-CN': '网关无法签发名单证明，通道控制器不会收到新名单',
    en: 'Lists cannot be signed at the gateway: edges take no new ones',
  },
  'fault.gateway.listsUnsigned': {
    'zh-CN': '按配置不签署名单：只有同样配置的通道控制器才接收',
    en: 'Lists go out unsigned, as configured: only edges that are told so take them',
  },
  'fault.gateway.signersEnding': {
    'zh-CN': '名单签名的授权即将到期：请离线签发下一份授权（lanekeeper keys）',
    en: 'Who signs the lists ends soon: sign the next root or delegation offline (lanekeeper keys)',
  },
  'fault.gateway.liftNotProven': {
    'zh-CN': '有解控因人员密钥被吊销而少于两个有效签名：请另外两人重新解控',
    en: 'Lifts have fewer than two valid signatures since a key was taken away: two others lift these holds again',
  },
  'fault.gateway.listRefused': {
    'zh-CN': '通道控制器拒绝了名单新版本',
    en: 'The edge refused a new version of a list',
  },
  'fault.gateway.ackBeyondStore': {
    'zh-CN': '网关存储的记录少于其标记，已停止向该通道控制器确认',
    en: 'The store holds less than its mark says: this edge is not acknowledged any more',
  },
} as const satisfies Record<`fault.${FaultCode}`, Text>

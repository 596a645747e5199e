import type { ClockQuality } from '../../base/clock.js'
import type { ListName } from '../entities.js'
import type { LaneMode, Verdict } from '../down.js'
import type { EventBody } from '../events.js'
import type { LaneSnapshot } from '../up.js'
import type { Text } from './language.js'

type PassageEnd = EventBody<'passageEnded'>['how']
type ViolationKind = EventBody<'violation'>['kind']
type Outcome = EventBody<'decided'>['decision']['outcome']

const modes = {
  'mode.AUTO': { 'zh-CN': '自动', en: 'Automatic' },
  'mode.ATTENDED': { 'zh-CN': '有人确认', en: 'Attended' },
  'mode.SHADOW': { 'zh-CN': '双轨试运行', en: 'Trial run' },
  'mode.MANUAL': { 'zh-CN': '手动', en: 'Manual' },
  'mode.CLOSED': { 'zh-CN': '关闭', en: 'Closed' },
  'mode.EMERGENCY_OPEN': { 'zh-CN': '应急开放', en: 'Emergency open' },
  'mode.MAINTENANCE': { 'zh-CN': '检修', en: 'Maintenance' },
} as const satisfies Record<`mode.${LaneMode}`, Text>

const outcomes = {
  'outcome.release': { 'zh-CN': '放行', en: 'Release' },
  'outcome.disinfect': { 'zh-CN': '消毒后放行', en: 'Disinfect' },
  'outcome.hold': { 'zh-CN': '转查验', en: 'Hold' },
  'outcome.lock': { 'zh-CN': '上锁', en: 'Lock' },
  'outcome.escalate': { 'zh-CN': '转人工', en: 'Officer decides' },
} as const satisfies Record<`outcome.${Outcome}`, Text>

const answers = {
  'answer.release': { 'zh-CN': '放行', en: 'Release' },
  'answer.hold': { 'zh-CN': '扣留', en: 'Hold' },
  'answer.return': { 'zh-CN': '退回', en: 'Return' },
} as const satisfies Record<`answer.${Verdict['answer']}`, Text>

/** How a passage ended. */
const ends = {
  'how.cleared': { 'zh-CN': '已通过', en: 'Passed' },
  'how.backedOut': { 'zh-CN': '倒车退出', en: 'Backed out' },
  'how.returned': { 'zh-CN': '已退回', en: 'Returned' },
  'how.violation': { 'zh-CN': '闯关', en: 'Violation' },
  'how.aborted': { 'zh-CN': '中止', en: 'Aborted' },
} as const satisfies Record<`how.${PassageEnd}`, Text>

const violations = {
  'violation.runThrough': { 'zh-CN': '闯关', en: 'Ran the barrier' },
  'violation.tailgating': { 'zh-CN': '尾随', en: 'Tail-gating' },
  'violation.reversed': { 'zh-CN': '倒车', en: 'Reversed' },
} as const satisfies Record<`violation.${ViolationKind}`, Text>

/** What the lane is doing, `state.<at>`: names of the states of its machine. */
const states = {
  'state.starting': { 'zh-CN': '正在启动', en: 'Starting' },
  'state.unwritable': { 'zh-CN': '无法写入记录，停止放行', en: 'Cannot record: no release' },
  'state.recovering': { 'zh-CN': '重启后核对现场', en: 'Checking the lane after a restart' },
  'state.idle': { 'zh-CN': '空闲', en: 'Free' },
  'state.closed': { 'zh-CN': '通道停用', en: 'Out of service' },
  'state.byHand': { 'zh-CN': '等待人员手动放行', en: 'An officer opens by hand' },
  'state.identifying': { 'zh-CN': '正在识别车辆', en: 'Identifying the vehicle' },
  'state.disinfecting': { 'zh-CN': '正在消毒', en: 'Disinfecting the vehicle' },
  'state.releasing': { 'zh-CN': '准备放行', en: 'About to release' },
  'state.raising': { 'zh-CN': '正在抬杆', en: 'Raising the barrier' },
  'state.raised': { 'zh-CN': '已抬杆，等待车辆通过', en: 'Raised: waiting for the vehicle' },
  'state.crossing': { 'zh-CN': '车辆正在通过', en: 'Vehicle is passing' },
  'state.escalated': { 'zh-CN': '等待人工处理', en: 'Waiting for an officer' },
  'state.returning': { 'zh-CN': '车辆正在退回', en: 'Vehicle is turning back' },
  'state.violating': { 'zh-CN': '闯关', en: 'Running the barrier' },
} as const satisfies Record<string, Text>

const signals = {
  'light.red': { 'zh-CN': '红灯', en: 'Red' },
  'light.green': { 'zh-CN': '绿灯', en: 'Green' },
  'light.off': { 'zh-CN': '熄灭', en: 'Off' },
  'barrier.raised': { 'zh-CN': '已抬起', en: 'Raised' },
  'barrier.lowered': { 'zh-CN': '已落下', en: 'Lowered' },
  'barrier.moving': { 'zh-CN': '动作中', en: 'Moving' },
  'barrier.blocked': { 'zh-CN': '受阻', en: 'Blocked' },
  'barrier.unknown': { 'zh-CN': '不明', en: 'Unknown' },
  'loop.occupied': { 'zh-CN': '有车', en: 'Occupied' },
  'loop.clear': { 'zh-CN': '无车', en: 'Clear' },
  'loop.unknown': { 'zh-CN': '不明', en: 'Unknown' },
  'direction.in': { 'zh-CN': '入境', en: 'Inbound' },
  'direction.out': { 'zh-CN': '出境', en: 'Outbound' },
} as const satisfies Record<
  | `light.${LaneSnapshot['light']}`
  | `barrier.${LaneSnapshot['barrier']}`
  | `loop.${LaneSnapshot['entryLoop']}`
  | `direction.${LaneSnapshot['direction']}`,
  Text
>

const clocks = {
  'clock.synchronised': { 'zh-CN': '已同步', en: 'Synchronised' },
  'clock.holdover': { 'zh-CN': '保持中', en: 'Holding over' },
  'clock.untrusted': { 'zh-CN': '不可信', en: 'Not trusted' },
} as const satisfies Record<`clock.${ClockQuality}`, Text>

const lists = {
  'list.tags': { 'zh-CN': '车载卡', en: 'Tags' },
  'list.vehicles': { 'zh-CN': '车辆', en: 'Vehicles' },
  'list.orders': { 'zh-CN': '布控指令', en: 'Control orders' },
  'list.blacklist': { 'zh-CN': '黑名单', en: 'Blacklist' },
  'list.drivers': { 'zh-CN': '司机', en: 'Drivers' },
  'list.companies': { 'zh-CN': '企业', en: 'Companies' },
  'list.trips': { 'zh-CN': '车次', en: 'Trips' },
  'list.declarations': { 'zh-CN': '申报单', en: 'Declarations' },
  'list.manifests': { 'zh-CN': '舱单', en: 'Manifests' },
  'list.containers': { 'zh-CN': '集装箱', en: 'Containers' },
  'list.terminalOrders': { 'zh-CN': '码头提还箱单', en: 'Terminal orders' },
  'list.areas': { 'zh-CN': '疫区', en: 'Quarantine areas' },
  'list.seals': { 'zh-CN': '签封', en: 'Seals' },
  'list.fitness': { 'zh-CN': '适载证书', en: 'Fitness certificates' },
  'list.releases': { 'zh-CN': '放行指令', en: 'Release instructions' },
  'list.accounts': { 'zh-CN': '企业账户', en: 'Accounts' },
  'list.draws': { 'zh-CN': '随机抽检结果', en: 'Random draws' },
  'list.plans': { 'zh-CN': '预判定', en: 'Planned verdicts' },
} as const satisfies Record<`list.${ListName}`, Text>

const advisories = {
  'advisory.TAG_MISSED': { 'zh-CN': '应有车载卡未读到，按车牌识别', en: 'Tag missed: identified by plate' },
  'advisory.BLK-02': { 'zh-CN': '列入关注名单', en: 'On the watch list' },
  'advisory.SEAL_BATTERY': { 'zh-CN': '签封电量低', en: 'Battery of a seal low' },
  'advisory.TARE_UNKNOWN': { 'zh-CN': '自重未登记', en: 'Tare not registered' },
  'obligation.INSPECT': { 'zh-CN': '查验', en: 'Inspect' },
  'obligation.LOCK': { 'zh-CN': '上锁', en: 'Lock' },
  'obligation.DOCS': { 'zh-CN': '交验单证', en: 'Show documents' },
  'obligation.DISINFECT': { 'zh-CN': '消毒', en: 'Disinfect' },
  'obligation.FITNESS_CHECK': { 'zh-CN': '适载检验', en: 'Check fitness of the container' },
} as const satisfies Record<string, Text>

/** Words for the states, signals and outcomes that stand in messages; keys are `<kind>.<value>`. */
export const words = {
  ...modes,
  ...outcomes,
  ...answers,
  ...ends,
  ...violations,
  ...states,
  ...signals,
  ...clocks,
  ...lists,
  ...advisories,
} as const

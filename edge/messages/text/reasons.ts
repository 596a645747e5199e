import type { Text } from './language.js'

/**
 * Drawn for a check. A SECRET order (CTL-02S) uses the very same words, so that nobody who reads
 * over an officer's shoulder learns that an order exists (domain.md 5.3 and 6.2, rows 20 and 26).
 */
const drawnForInspection: Text = {
  'zh-CN': '抽中查验，请引导至查验区',
  en: 'Drawn for inspection: send to the inspection area',
}

/**
 * Why the lane judged as it did, `reason.<code>`, for the officer: what is the matter, and what to do.
 * Codes are those of the decision table (domain.md 6.2); what a driver sees stands in prompts.ts.
 */
export const reasons = {
  'reason.LANE-01': {
    'zh-CN': '通道未处于自动放行方式，由人工处理',
    en: 'The lane is not in automatic service: handle by hand',
  },
  'reason.LANE-02': {
    'zh-CN': '应急指令生效，全部车辆暂停放行',
    en: 'Emergency order in force: every vehicle waits',
  },
  'reason.LANE-03': {
    'zh-CN': '通道内有第二辆车、尾随或倒车，请先看清现场',
    en: 'Second vehicle, tail-gating or reversing in the lane: look before you answer',
  },
  'reason.LANE-04': {
    'zh-CN': '前车未确认驶离，请核实后处理',
    en: 'The vehicle before has not been seen to leave: check that it is gone',
  },
  'reason.LANE-05': {
    'zh-CN': '本通道须有人确认后放行',
    en: 'This lane releases only after a person confirms',
  },
  'reason.LANE-06': {
    'zh-CN': '双轨试运行：系统只判断，由人工决定是否放行',
    en: 'Trial run: the lane only judges; a person decides on the release',
  },
  'reason.ID-01': {
    'zh-CN': '未读到电子标签和车牌，请补采信息',
    en: 'Neither tag nor plate could be read: identify the vehicle by hand',
  },
  'reason.ID-02': {
    'zh-CN': '车辆应有车载卡但未读到，请核对',
    en: 'This vehicle should carry a tag, but none was read: check the card',
  },
  'reason.ID-03': { 'zh-CN': '电子标签未登记', en: 'The tag is not in the registry' },
  'reason.ID-04': {
    'zh-CN': '车载卡已停用、注销或过期，需到窗口办理',
    en: 'The card is suspended, revoked or expired: to be renewed at the office',
  },
  'reason.ID-05': {
    'zh-CN': '车载卡已挂失或被盗报警，请扣车核查',
    en: 'The card is reported lost or stolen: keep the vehicle and check',
  },
  'reason.ID-06': {
    'zh-CN': '车载卡与车牌不符，疑似套牌',
    en: 'Card and plate belong to different vehicles: possible clone',
  },
  'reason.ID-07': {
    'zh-CN': '同一车载卡短时间内在另一处出现，疑似克隆',
    en: 'The same card was seen elsewhere too short a time ago: possible clone',
  },
  'reason.ID-08': {
    'zh-CN': '读到多张车载卡，无法判定属于哪辆车',
    en: 'Several cards were read and it is not certain which is this vehicle’s',
  },
  'reason.CTL-01': {
    'zh-CN': '布控上锁：不得放行，由查验人员处理',
    en: 'Control order, lock: not to leave, an inspection officer takes over',
  },
  'reason.CTL-02': {
    'zh-CN': '布控拦截，请引导至查验区',
    en: 'Control order, intercept: send to the inspection area',
  },
  'reason.CTL-02S': drawnForInspection,
  'reason.RND-01': drawnForInspection,
  'reason.CTL-03': { 'zh-CN': '仅通知，不影响放行', en: 'Notification only: the passage is not affected' },
  'reason.CTL-04': {
    'zh-CN': '布控查单：请司机到窗口交验单证',
    en: 'Control order, papers: the driver shows the documents at the office',
  },
  'reason.CTL-05': {
    'zh-CN': '布控消毒：须消毒后放行',
    en: 'Control order, disinfect: treatment before release',
  },
  'reason.BLK-01': {
    'zh-CN': '车辆、司机、公司或货物列入黑名单，不予自动放行',
    en: 'Vehicle, driver, company or load is on the blacklist: no automatic release',
  },
  'reason.BLK-02': {
    'zh-CN': '车辆、司机、公司或货物列入关注名单',
    en: 'Vehicle, driver, company or load is on the watch list',
  },
  'reason.SYS-01': {
    'zh-CN': '本通道所需设备故障',
    en: 'A device that this lane needs is out of order',
  },
  'reason.SYS-02': {
    'zh-CN': '布控名单或登记资料缺失或过旧，无法自动放行',
    en: 'Control lists or registries are missing or too old for an automatic release',
  },
  'reason.SYS-03': {
    'zh-CN': '系统时钟不可信，无法判断有效期',
    en: 'The clock cannot be trusted, so validity cannot be judged',
  },
  'reason.SYS-05': {
    'zh-CN': '无法写入记录，暂停自动放行',
    en: 'Records cannot be written: no automatic release',
  },
  'reason.SYS-06': {
    'zh-CN': '放行所需信息不全',
    en: 'Something that a release needs is not known',
  },
  'reason.OK-01': { 'zh-CN': '核验通过，放行', en: 'Everything in order: released' },
} as const satisfies Record<string, Text>

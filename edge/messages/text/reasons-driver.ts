import type { Text } from './language.js'

/** Rows on driver, health, permits, fees and partners: reasons, advisories and obligations. */
export const driverReasons = {
  'reason.RAD-01': {
    'zh-CN': '放射性报警：人员远离，隔离车辆，转辐射检测通道并上报',
    en: 'Radiation alarm: keep people away, isolate the vehicle, send it to the radiation lane and report',
  },
  'reason.HLT-01': {
    'zh-CN': '司机或随车人员体温异常或申报患病：请卫生检疫并报告指挥中心',
    en: 'Driver or crew with a fever or declared sick: health check, and tell the command centre',
  },
  'reason.HLT-02': { 'zh-CN': '司机健康证即将到期', en: 'The driver’s health certificate ends soon' },
  'reason.HLT-03': {
    'zh-CN': '司机健康证已过期，需到窗口办理',
    en: 'The driver’s health certificate has ended: to be renewed at the office',
  },
  'reason.ID-09': {
    'zh-CN': '车辆通行许可或企业备案未办、过期或已注销，需到窗口办理',
    en: 'Vehicle permit or company registration is missing, expired or revoked: to be settled at the office',
  },
  'reason.ID-10': {
    'zh-CN': '司机未刷卡、未登记、与车辆或车次不符，或证件已过期：请边检核查',
    en: 'Driver without a card, unknown, not bound to vehicle or trip, or licence out: border police checks',
  },
  'reason.POL-01': {
    'zh-CN': '边检不予放行，请引导至边检处理',
    en: 'The border police does not let it go: send to the border police',
  },
  'reason.FEE-01': { 'zh-CN': '余额不足或扣款未完成', en: 'The balance is low, or a debit is not settled' },
  'reason.FEE-02': {
    'zh-CN': '欠费超过规定，需到窗口缴清',
    en: 'Arrears beyond what is allowed: to be paid at the office',
  },
  'reason.SYS-04': {
    'zh-CN': '联网单位（海关、边检、银行等）未及时答复，请人工核实',
    en: 'A partner (customs, border police, bank) has not answered in time: ask it by other means',
  },
  'advisory.TOP_UP': { 'zh-CN': '提醒及时充值', en: 'Account to be topped up' },
  'advisory.HEALTH_SOON': { 'zh-CN': '健康证即将到期', en: 'Health certificate ends soon' },
  'advisory.HEALTH_EXPIRED': { 'zh-CN': '健康证已过期', en: 'Health certificate has ended' },
  'obligation.ISOLATE': { 'zh-CN': '隔离', en: 'Isolate' },
  'obligation.HEALTH_CHECK': { 'zh-CN': '卫生检疫', en: 'Health check' },
  'obligation.POLICE_CHECK': { 'zh-CN': '边检核查', en: 'Border police check' },
} as const satisfies Record<string, Text>

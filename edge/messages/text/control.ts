import type { Text } from './language.js'

/** What the console says of lane modes, manual openings and their review, `control.*`. */
export const controlTexts = {
  'control.title': { 'zh-CN': '通道方式', en: 'Lane mode' },
  'control.mode': { 'zh-CN': '改为', en: 'Change to' },
  'control.reason': { 'zh-CN': '理由', en: 'Why' },
  'control.set': { 'zh-CN': '设定方式', en: 'Set the mode' },
  'control.until': { 'zh-CN': '至 {time} 自动结束', en: 'ends by itself at {time}' },
  'control.emergency': { 'zh-CN': '应急开放', en: 'Open for an emergency' },
  'control.emergencyNote': {
    'zh-CN': '须由另一名人员在 2 分钟内确认；道闸对所有车辆抬起，到时自动关闭通道。',
    en: 'Another person confirms within 2 minutes. The bar goes up for everybody; when the time is over the lane closes.',
  },
  'control.minutes': { 'zh-CN': '时长（分钟）', en: 'Minutes' },
  'control.ask': { 'zh-CN': '请求应急开放', en: 'Ask for it' },
  'control.asked': {
    'zh-CN': '{by} 请求应急开放 {minutes} 分钟：{reason}',
    en: '{by} asks to open this lane for everybody for {minutes} min: {reason}',
  },
  'control.needsAnother': {
    'zh-CN': '须由另一名人员确认',
    en: 'Another person has to confirm it',
  },
  'control.confirm': { 'zh-CN': '确认应急开放', en: 'Confirm the emergency' },
  'control.byHand': { 'zh-CN': '为此车手动抬杆', en: 'Open for this vehicle by hand' },
  'control.orders': { 'zh-CN': '布控单号（如有）', en: 'Numbers of orders, if any' },
  'control.raise': { 'zh-CN': '抬杆', en: 'Raise the bar' },
  'control.sending': { 'zh-CN': '已发送，等待通道答复', en: 'Sent; the lane has not answered yet' },
  'control.accepted': { 'zh-CN': '通道已执行', en: 'The lane has taken it' },
  'control.refused': { 'zh-CN': '通道拒绝：{why}', en: 'The lane refused: {why}' },
  'control.unanswered': {
    'zh-CN': '通道未答复，请看现场状态',
    en: 'No answer of the lane: see what it does',
  },
  'control.backoffice': { 'zh-CN': '补录', en: 'Entered from paper' },
  'control.corrected': { 'zh-CN': '更正', en: 'Corrected' },
  'control.offline': { 'zh-CN': '断网放行', en: 'Passed while offline' },
  'control.review': { 'zh-CN': '复核', en: 'Review' },
  'control.all': { 'zh-CN': '全部', en: 'All' },
  'control.contingency': { 'zh-CN': '应急开放期间', en: 'During an emergency' },
  'control.manual': { 'zh-CN': '手动抬杆', en: 'Opened by hand' },
} as const satisfies Record<`control.${string}`, Text>

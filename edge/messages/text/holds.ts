import type { Text } from './language.js'

/** What the console says of holds that no order was placed for here: bans, orders of a file, automatic ones; `hold.*`, `holdOf.*`. */
export const holdTexts = {
  'hold.title': { 'zh-CN': '其他布控与黑名单', en: 'Bans and other holds' },
  'hold.note': {
    'zh-CN': '黑名单、文件导入的布控和系统自动布控，须由布控单位两名人员解控',
    en: 'The blacklist, orders that came by a file, and automatic ones: two people of the agency lift them',
  },
  'hold.find': {
    'zh-CN': '完整编号，或对象：车辆、车牌、标签、企业等',
    en: 'Its number, or whom it holds, in whole: vehicle, plate, tag, company …',
  },
  'hold.look': { 'zh-CN': '查找', en: 'Find' },
  'hold.showWaiting': { 'zh-CN': '仅显示待确认的解控', en: 'Show lifts that wait' },
  'hold.failed': { 'zh-CN': '无法查找，正在重试', en: 'Could not look; trying again' },
  'hold.none': {
    'zh-CN': '没有“{name}”的布控或黑名单条目；请输入完整编号或对象',
    en: 'Nothing holds under “{name}”; it takes the whole number or name',
  },
  'hold.noneWaiting': { 'zh-CN': '没有等待他人确认的解控', en: 'No lift waits for another person' },
  'hold.more': {
    'zh-CN': '还有更多，仅显示前 {count} 条：请输入编号',
    en: 'Only the first {count} are shown: look for one by its number',
  },
  'hold.number': { 'zh-CN': '编号', en: 'Number' },
  'hold.what': { 'zh-CN': '措施', en: 'What it does' },
  'holdOf.orders': { 'zh-CN': '布控指令', en: 'order' },
  'holdOf.blacklist': { 'zh-CN': '黑名单', en: 'ban' },
  'hold.issuedBy': { 'zh-CN': '来源：{by}', en: 'from {by}' },
  'hold.reason': { 'zh-CN': '原因', en: 'Reason' },
  'hold.open': { 'zh-CN': '查看 {hold}', en: 'Open {hold}' },
  'hold.inForce': { 'zh-CN': '生效', en: 'In force' },
  'hold.liftAsked': { 'zh-CN': '{by} 申请解控，仍生效', en: '{by} asked for its lift; still in force' },
  'hold.placedHere': {
    'zh-CN': '此布控在本系统提交，请在上方“布控指令”中解控',
    en: 'It was placed here: lift it among the control orders above',
  },
  'hold.askAndSign': { 'zh-CN': '签署解控申请', en: 'Sign, and ask for its lift' },
  'hold.lifted': {
    'zh-CN': '{hold} 已解控（名单版本 {version}），通道收到后即不再拦截',
    en: '{hold} is lifted with version {version}; it ends at each lane as that arrives',
  },
} as const satisfies Record<string, Text>

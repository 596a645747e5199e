/** What the driver sees on the LED board (`prompt.*`), and the number of the voice that says it. Wording after domain.md 6.2. */
export const prompts = {
  'prompt.idle': { 'zh-CN': '欢迎，请减速', en: 'Welcome, slow down' },
  'prompt.wait': { 'zh-CN': '请稍候', en: 'Please wait' },
  'prompt.release': { 'zh-CN': '您好，请通行', en: 'Please proceed' },
  'prompt.inspection': { 'zh-CN': '请到查验区', en: 'Go to the inspection area' },
  'prompt.office': { 'zh-CN': '请到国检办理手续', en: 'Report to the inspection office' },
  'prompt.otherLane': { 'zh-CN': '请走其他通道', en: 'Use another lane' },
  'prompt.back': { 'zh-CN': '请退后', en: 'Move back' },
  'prompt.return': { 'zh-CN': '请退回', en: 'Turn back' },
  'prompt.stop': { 'zh-CN': '停车！', en: 'Stop!' },
  'prompt.presentCard': { 'zh-CN': '请刷卡', en: 'Present your card' },
  'prompt.stopAndWait': { 'zh-CN': '请停车等候', en: 'Stop and wait here' },
  'prompt.borderPolice': { 'zh-CN': '请到边检办理手续', en: 'Report to the border police' },
  'prompt.notReleased': { 'zh-CN': '不放行', en: 'Not released' },
  'prompt.disinfecting': { 'zh-CN': '正在消毒', en: 'Disinfection under way' },
  'prompt.topUp': { 'zh-CN': '请及时充值', en: 'Please top up your account' },
  'prompt.healthSoon': { 'zh-CN': '请及时体检', en: 'Your health check is due soon' },
} as const

/** Voice numbers as the lane's audio unit stores them; 0 is silence. */
export const voices: Readonly<Record<keyof typeof prompts, number>> = {
  'prompt.idle': 0,
  'prompt.wait': 1,
  'prompt.release': 2,
  'prompt.inspection': 3,
  'prompt.office': 4,
  'prompt.otherLane': 5,
  'prompt.back': 6,
  'prompt.return': 7,
  'prompt.stop': 8,
  'prompt.presentCard': 9,
  'prompt.stopAndWait': 10,
  'prompt.borderPolice': 11,
  'prompt.notReleased': 12,
  'prompt.disinfecting': 13,
  'prompt.topUp': 14,
  'prompt.healthSoon': 15,
}

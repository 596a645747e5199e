import type { Text } from './language.js'

/** Reasons of the rules on seals, living goods, certificates and weight, and of release with a load (rows 50 to 63, 74 to 77). */
export const sealAndWeightReasons = {
  'reason.SEAL-01': {
    'zh-CN': '签封未读到或缺失，请用手持机核对签封',
    en: 'A seal was not read or is missing: check it with the hand reader',
  },
  'reason.SEAL-02': {
    'zh-CN': '签封号与记录不符，请核对签封与箱号',
    en: 'The seal is not the one on record: compare seal and container',
  },
  'reason.SEAL-03': {
    'zh-CN': '签封被开启过，疑似调换货物，请开箱查验',
    en: 'The seal was opened: the load may have been changed, open and inspect',
  },
  'reason.SEAL-04': {
    'zh-CN': '签封号无签发记录，疑似伪造，请扣车核查',
    en: 'Nobody issued this seal, it may be forged: keep the vehicle and check',
  },
  'reason.SEAL-05': { 'zh-CN': '签封电量低', en: 'The battery of a seal is low' },
  'reason.ANI-01': {
    'zh-CN': '读到的耳标少于申报数，请清点活畜',
    en: 'Fewer ear tags were read than declared: count the animals',
  },
  'reason.ANI-02': {
    'zh-CN': '有未申报的耳标，请核对活畜来源',
    en: 'There are ear tags that were not declared: check where the animals come from',
  },
  'reason.TRC-01': {
    'zh-CN': '货筐标签读到过少或没有，无法溯源，请查验',
    en: 'Too few crate labels, or none: the goods cannot be traced, inspect them',
  },
  'reason.FIT-01': {
    'zh-CN': '箱体适载检验结果单缺失、过期或已使用，请到窗口办理',
    en: 'The fitness certificate of the container is missing, expired or used: to be settled at the office',
  },
  'reason.FIT-02': {
    'zh-CN': '适载检验结果单与箱号不符，请核对箱号',
    en: 'The fitness certificate is of another container: compare the numbers',
  },
  'reason.FIT-03': {
    'zh-CN': '空箱拟装出口食品，须做适载检验',
    en: 'An empty container that is to carry food: its fitness is to be checked',
  },
  'reason.WGT-01': {
    'zh-CN': '未得到有效重量，请让车辆停稳在磅上重新称重',
    en: 'No valid weight: let the vehicle stand still on the scale and weigh again',
  },
  'reason.WGT-02': {
    'zh-CN': '实测重量与应有重量相差过大，请核对货物',
    en: 'The weight is too far from what is expected: check the load',
  },
  'reason.WGT-03': {
    'zh-CN': '申报为空但实测过重，疑似夹藏，请开箱查验',
    en: 'Declared empty but too heavy, possibly a hidden load: open and inspect',
  },
  'reason.WGT-04': {
    'zh-CN': '超过核定总重，不得上路，请卸载处理',
    en: 'Above the legal gross weight: not to go on, unload first',
  },
  'reason.WGT-05': {
    'zh-CN': '自重未登记，无法核对重量，请人工称重登记',
    en: 'The tare is not registered and the weight cannot be judged: weigh and register by hand',
  },
  'reason.OK-02': {
    'zh-CN': '单证、签封、重量均相符，放行',
    en: 'Papers, seals and weight in order: released',
  },
  'reason.OK-03': {
    'zh-CN': '申报、码头指令、签封、重量均相符，放行进港',
    en: 'Declaration, terminal order, seals and weight in order: released to the terminal',
  },
  'reason.OK-04': { 'zh-CN': '空箱核验通过，放行', en: 'Empty container in order: released' },
  'reason.OK-05': {
    'zh-CN': '检验检疫、海关、码头均已放行，准予出港',
    en: 'Released by inspection, customs and terminal: may leave the port',
  },
} as const satisfies Record<string, Text>

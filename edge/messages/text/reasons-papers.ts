import type { Text } from './language.js'

/** Rows on trip, papers, agencies and quarantine: reasons, advisories and obligations. */
export const paperReasons = {
  'reason.DOC-01': {
    'zh-CN': '本车本方向无有效车次绑定：请司机到窗口办理完整申报',
    en: 'No trip of this vehicle in this direction: full declaration at the office',
  },
  'reason.DOC-02': {
    'zh-CN': '车上集装箱与车次不符或未识别到：请引导至查验区核对箱号',
    en: 'Containers on the truck and on the trip differ: send to the inspection area and compare the numbers',
  },
  'reason.DOC-03': {
    'zh-CN': '集装箱或货物未申报：请引导至查验区，补办申报',
    en: 'A container or goods without a declaration: send to the inspection area, to be declared',
  },
  'reason.DOC-04': {
    'zh-CN': '申报单被拒、撤销、失效、超出有效期或已使用：请重新申报',
    en: 'Declaration or trip rejected, cancelled, out of its window or used already: to be declared again',
  },
  'reason.DOC-05': {
    'zh-CN': '舱单未按规定提前发送：请等候至时限，或人工核对',
    en: 'The manifest came too late before the arrival: wait until it is old enough, or check it by hand',
  },
  'reason.DOC-06': {
    'zh-CN': '各机构申报数据不一致：请与有关机构核实',
    en: 'Agencies have different data on this load: ask them which is right',
  },
  'reason.DOC-07': {
    'zh-CN': '一单多车尚未到齐：请引导至待检区等候其余车辆',
    en: 'Not all trucks of the document have come: send to the waiting area until they have',
  },
  'reason.INS-01': {
    'zh-CN': '检验检疫裁定查验，尚无合格结果：请引导至查验区',
    en: 'IQ rules inspection, and has not passed it yet: send to the inspection area',
  },
  'reason.INS-02': {
    'zh-CN': '检验检疫须查验单证或尚未裁定：请司机到窗口',
    en: 'IQ wants to see the papers, or has not ruled yet: the driver reports to the office',
  },
  'reason.INS-03': {
    'zh-CN': '检验检疫结果不合格、须处理、须退运，或已撤回放行：按结果处置',
    en: 'IQ result: failed, to be treated or returned, or the release was taken back: act on the result',
  },
  'reason.CUS-01': {
    'zh-CN': '无有效海关放行：请司机到海关办理手续',
    en: 'No valid release of customs: the driver reports to customs',
  },
  'reason.CUS-02': {
    'zh-CN': '海关要求查验或扣留：请按海关提示处理',
    en: 'Customs holds or detains this load: follow the hint of customs',
  },
  'reason.TOS-01': {
    'zh-CN': '码头无作业单、未到预约时段、箱不可提或费用未付：请司机联系码头',
    en: 'Terminal: no order, another slot, not available or unpaid. The driver asks the terminal',
  },
  'reason.RCP-01': { 'zh-CN': '出示放行回执', en: 'A release receipt was shown' },
  'reason.QUA-01': {
    'zh-CN': '货物来自疫区：上锁，查验和处理均完成后由官员解锁',
    en: 'Load from an infected area: locked until inspected and treated, then unlocked by an officer',
  },
  'reason.QUA-02': {
    'zh-CN': '集装箱已上锁或裁定上锁：不得移动，由官员解锁',
    en: 'The container is locked, or ruled to be: not to be moved, an officer unlocks it',
  },
  'reason.QUA-03': {
    'zh-CN': '空箱来自疫区：消毒后放行',
    en: 'Empty container from an infected area: disinfect before release',
  },
  'reason.QUA-04': {
    'zh-CN': '车辆来自疫区或季节性消毒令生效：消毒后放行',
    en: 'Vehicle from an infected area, or a seasonal order: disinfect before release',
  },
  'reason.QUA-05': {
    'zh-CN': '货物来自疫区：按措施查验或消毒',
    en: 'Load from an infected area: inspect or disinfect, as the measure says',
  },
  'reason.QUA-06': {
    'zh-CN': '空箱须开箱查看：在待检区开箱，远程视频核对',
    en: 'Empty containers are opened: on the apron, watched by video',
  },
  'reason.QUA-07': {
    'zh-CN': '无木通道：木质包装或情况不明，请引导至其他通道',
    en: 'Lane without wood: wood packing, or not known. Send to another lane',
  },
  'reason.QUA-08': {
    'zh-CN': '集装箱或货物来源地不明：请核实后补录',
    en: 'The origin of the container or its goods is not known: find out and put it in',
  },
  'reason.QUA-09': {
    'zh-CN': '须消毒但本通道消毒设备不可用：请引导至处理区',
    en: 'To be disinfected, and this lane has no working sprayer: send to the treatment area',
  },
  'advisory.LATE_MESSAGE': {
    'zh-CN': '放行报文未到，以有效回执为准',
    en: 'Release message late: a good receipt stands for it',
  },
  'advisory.RECEIPT_REFUSED': {
    'zh-CN': '回执已使用或签名无效，不予采信',
    en: 'Receipt used before or badly signed: it counts for nothing',
  },
  'obligation.OPEN_BOX': { 'zh-CN': '开箱查看', en: 'Open and look inside' },
} as const satisfies Record<string, Text>

import type { Text } from './language.js'

const sections = {
  'explain.section.outcome': { 'zh-CN': '判定', en: 'Decision' },
  'explain.section.rules': { 'zh-CN': '依据的规则', en: 'Rules that decided' },
  'explain.section.weaker': { 'zh-CN': '其他成立的规则与待办', en: 'Weaker rules, and what is to be done' },
  'explain.section.missing': { 'zh-CN': '放行还缺什么', en: 'Missing for a release' },
  'explain.section.observed': { 'zh-CN': '现场所见', en: 'What was observed' },
  'explain.section.facts': { 'zh-CN': '名单与资料', en: 'What the lists say' },
  'explain.section.near': { 'zh-CN': '接近界限的数值', en: 'Near a limit' },
} as const satisfies Record<`explain.section.${string}`, Text>

const judged = {
  'explain.outcome': { 'zh-CN': '判定为{outcome}：{reason}', en: '{outcome}: {reason}' },
  'explain.where': {
    'zh-CN': '通道 {lane}（方式：{mode}），通道类型 {profile}，{load}，{at}，时钟{clock}',
    en: 'Lane {lane} (mode: {mode}), profile {profile}, {load}, {at}, clock: {clock}',
  },
  'explain.companyClass': {
    'zh-CN': '阈值按企业管理类别 {class} 类',
    en: 'Thresholds of companies of class {class}',
  },
  'explain.companyClassUnknown': {
    'zh-CN': '企业未登记或类别不明：各阈值取最严者',
    en: 'The company is not registered, or its class cannot be told: the strictest of each threshold',
  },
  'explain.ruleset': { 'zh-CN': '规则集 {version}', en: 'Ruleset {version}' },
  'explain.otherRuleset': {
    'zh-CN': '现行程序的规则集为 {now}；以下规则条件按现行文本显示',
    en: 'This program has ruleset {now}; conditions are shown in its words',
  },
  'explain.rule': {
    'zh-CN': '第 {rule} 条（{code}，{outcome}）：{condition}{evidence}',
    en: 'Rule {rule} ({code}, {outcome}): {condition}{evidence}',
  },
  'explain.ruleUnknown': {
    'zh-CN': '第 {rule} 条（{code}，{outcome}）：无法判断是否“{condition}”{evidence}',
    en: 'Rule {rule} ({code}, {outcome}): it cannot be told whether “{condition}”{evidence}',
  },
  'explain.reason': {
    'zh-CN': '第 {row} 行（{code}，{outcome}）：{reason}{evidence}',
    en: 'Row {row} ({code}, {outcome}): {reason}{evidence}',
  },
  'explain.evidence': { 'zh-CN': '（依据 {pairs}）', en: ' (rests on {pairs})' },
  'explain.toDo': { 'zh-CN': '待办：{what}', en: 'To do: {what}' },
  'explain.advice': { 'zh-CN': '提示：{what}', en: 'Advice: {what}' },
  'explain.silent': { 'zh-CN': '静默警示，布控 {orders}', en: 'Silent alert of order {orders}' },
  'explain.more': { 'zh-CN': '另有 {count} 项未列出', en: '{count} more are not listed' },
  'explain.none': { 'zh-CN': '无', en: 'Nothing' },
} as const satisfies Record<`explain.${string}`, Text>

const observed = {
  'explain.lane': {
    'zh-CN': '入口地感{entry}，出口地感{exit}，道闸{barrier}；车辆到位 {present}',
    en: 'Entry loop {entry}, exit loop {exit}, barrier {barrier}; the vehicle has been there for {present}',
  },
  'explain.intrusion': {
    'zh-CN': '第二辆车、尾随或倒车：{is}',
    en: 'A second vehicle, tail-gating or reversing: {is}',
  },
  'explain.previous': { 'zh-CN': '前车通行已关闭：{is}', en: 'The passage before was closed: {is}' },
  'explain.tooManyTags': { 'zh-CN': '标签数量超出容量', en: 'More tags were heard than a passage may hold' },
  'explain.tag': {
    'zh-CN': '标签 {epc}：{claim}，{presence}，读到 {count} 次，{rssi}',
    en: 'Tag {epc}: {claim}, {presence}, heard {count} times, {rssi}',
  },
  'explain.rssi': { 'zh-CN': '最强 {dbm} dBm', en: 'strongest {dbm} dBm' },
  'explain.rssiUnknown': { 'zh-CN': '未报强度', en: 'strength not told' },
  'explain.tagElsewhere': {
    'zh-CN': '标签 {epc} 也在通道 {lane} 读到 {count} 次，{rssi}，{ago}前',
    en: 'Tag {epc} was heard in lane {lane} too, {count} times, {rssi}, {ago} before',
  },
  'explain.noTag': { 'zh-CN': '未读到标签', en: 'No tag was heard' },
  'explain.plate': {
    'zh-CN': '车牌 {plate}，可信度 {confidence}（{reader}）',
    en: 'Plate {plate}, confidence {confidence} ({reader})',
  },
  'explain.noPlate': { 'zh-CN': '未读到车牌', en: 'No plate was read' },
  'explain.card': { 'zh-CN': '司机刷卡 {card}', en: 'Driver’s card {card}' },
  'explain.noCard': { 'zh-CN': '司机未刷卡', en: 'No driver’s card was presented' },
  'explain.temperature': { 'zh-CN': '司机体温：{is}', en: 'The driver’s temperature: {is}' },
  'explain.radiation': { 'zh-CN': '放射性监测：{is}', en: 'Radiation: {is}' },
  'explain.box': {
    'zh-CN': '箱号 {number}，可信度 {confidence}',
    en: 'Container {number}, confidence {confidence}',
  },
  'explain.sealSeen': { 'zh-CN': '签封 {seal}：{is}', en: 'Seal {seal}: {is}' },
  'explain.sealTries': { 'zh-CN': '签封读取 {count} 次', en: 'Seals were read for {count} times' },
  'explain.weight': {
    'zh-CN': '总重 {kg} kg（第 {tries} 次称重；稳定：{stable}；全部在秤上：{onScale}）',
    en: 'Gross weight {kg} kg (weighing {tries}; standing still: {stable}; wholly on the scale: {onScale})',
  },
  'explain.earTags': { 'zh-CN': '读到耳标 {count} 个', en: '{count} ear tags were read' },
  'explain.crates': { 'zh-CN': '读到箱签 {count} 个', en: '{count} crate labels were read' },
  'explain.receipt': {
    'zh-CN': '放行凭证 {receipt}（{agency}，{kind} {key}）；签名有效：{valid}；已用过：{used}',
    en: 'Release receipt {receipt} ({agency}, {kind} {key}); signature valid: {valid}; used: {used}',
  },
  'explain.sprayer': { 'zh-CN': '消毒设备：{is}', en: 'Sprayer: {is}' },
  'explain.device': { 'zh-CN': '设备 {device} 正常：{is}', en: 'Device {device} is up: {is}' },
} as const satisfies Record<`explain.${string}`, Text>

const facts = {
  'explain.source': {
    'zh-CN': '〔{list}第 {version} 版，{age}前确认〕',
    en: ' [{list}, version {version}, confirmed {age} before]',
  },
  'explain.sourceNever': {
    'zh-CN': '〔{list}第 {version} 版，从未确认〕',
    en: ' [{list}, version {version}, never confirmed]',
  },
  'explain.sourceNone': { 'zh-CN': '〔{list}：无版本记录〕', en: ' [{list}: no version on record]' },
  'explain.notThere': { 'zh-CN': '{list}中没有 {key}', en: '{key} is not in the list ({list})' },
  'explain.notTold': {
    'zh-CN': '{key}：无法查知（{list}）',
    en: 'Of {key} nothing could be told ({list})',
  },
  'explain.tagEntry': {
    'zh-CN': '标签 {epc}：{state}，车辆 {vehicle}',
    en: 'Tag {epc}: {state}, of vehicle {vehicle}',
  },
  'explain.vehicle': {
    'zh-CN': '车辆 {vehicle}：{kind}，车牌 {plates}，企业 {company}，通行许可：{permit}',
    en: 'Vehicle {vehicle}: {kind}, plates {plates}, company {company}, permit: {permit}',
  },
  'explain.plateOf': {
    'zh-CN': '车牌 {plate} 属于车辆 {vehicle}',
    en: 'Plate {plate} is of vehicle {vehicle}',
  },
  'explain.noOrders': { 'zh-CN': '没有针对本次通行的布控', en: 'No control order on this passage' },
  /** A prompt on the board, and the bay that it names. */
  'explain.atBay': { 'zh-CN': '{prompt}，前往{bay}', en: '{prompt}: {bay}' },
  'explain.moreOrders': {
    'zh-CN': '另有 {count} 条布控未记入本记录',
    en: '{count} more control orders did not fit the record',
  },
  'explain.order': {
    'zh-CN': '布控 {order}（{agency}，{nature}）：对{kind} {key} {action}；{inForce}',
    en: 'Control order {order} ({agency}, {nature}): {action} on {kind} {key}; {inForce}',
  },
  'explain.inForce': { 'zh-CN': '生效中', en: 'in force' },
  'explain.notInForce': { 'zh-CN': '未生效', en: 'not in force' },
  'explain.lifted': { 'zh-CN': '已于 {at} 解控，原因：{reason}', en: 'lifted since {at}, reason: {reason}' },
  'explain.noBlacklist': { 'zh-CN': '没有针对本次通行的黑名单', en: 'No blacklist entry on this passage' },
  'explain.blacklist': {
    'zh-CN': '黑名单 {entry}（{agency}，{level}）：{kind} {key}；{inForce}',
    en: 'Blacklist entry {entry} ({agency}, {level}) on {kind} {key}; {inForce}',
  },
  'explain.driver': {
    'zh-CN': '司机 {driver}：{state}，可驾车辆 {vehicles}，申报患病：{sick}',
    en: 'Driver {driver}: {state}, may drive {vehicles}, declared sick: {sick}',
  },
  'explain.company': {
    'zh-CN': '企业 {company}：{class} 类管理，备案：{registration}',
    en: 'Company {company}: class {class}, registration: {registration}',
  },
  'explain.trip': {
    'zh-CN':
      '车次 {trip}：车辆 {vehicle}，{direction}，{load}；集装箱 {containers}；单证 {declarations}；签封 {seals}；申报总重 {kg}',
    en: 'Trip {trip}: vehicle {vehicle}, {direction}, {load}; containers {containers}; declarations {declarations}; seals {seals}; declared gross weight {kg}',
  },
  'explain.crossed': { 'zh-CN': '车次 {trip} 已于 {at} 通过', en: 'Trip {trip} crossed already, at {at}' },
  'explain.declaration': {
    'zh-CN': '单证 {no}（{agency}）：{state}；裁定：{ruling}；结果：{result}；已处理：{treated}',
    en: 'Declaration {no} ({agency}): {state}; ruling: {ruling}; result: {result}; treated: {treated}',
  },
  'explain.manifest': {
    'zh-CN': '载货清单 {no}：{age}前发送，{lines} 行',
    en: 'Manifest {no}: sent {age} before, {lines} lines',
  },
  'explain.container': {
    'zh-CN': '集装箱 {number}：{lock}，来自 {area}',
    en: 'Container {number}: {lock}, from {area}',
  },
  'explain.release': {
    'zh-CN': '放行指令 {release}（{agency}）：{kind} {key}，{state}，剩余 {uses} 次',
    en: 'Release {release} ({agency}) of {kind} {key}: {state}, {uses} uses left',
  },
  'explain.noReleases': { 'zh-CN': '没有放行指令', en: 'No release instruction' },
  'explain.terminalOrder': {
    'zh-CN': '码头指令 {order}（集装箱 {container}，{direction}）：{state}，已缴费：{paid}',
    en: 'Terminal order {order} (container {container}, {direction}): {state}, paid: {paid}',
  },
  'explain.area': { 'zh-CN': '疫区 {code}：{measure}', en: 'Infected area {code}: {measure}' },
  'explain.noAreas': { 'zh-CN': '没有相关疫区', en: 'No infected area concerns it' },
  'explain.seal': {
    'zh-CN': '签封 {seal}（集装箱 {container}）：{state}',
    en: 'Seal {seal} of container {container}: {state}',
  },
  'explain.fitness': {
    'zh-CN': '适载证书 {no}（集装箱 {container}）：有效至 {until}，已使用：{used}',
    en: 'Fitness certificate {no} of container {container}: valid until {until}, used: {used}',
  },
  'explain.account': {
    'zh-CN': '账户 {company}：余额 {yuan} 元，扣款：{debit}，欠费 {arrears} 元',
    en: 'Account of {company}: balance {yuan} yuan, debit: {debit}, arrears {arrears} yuan',
  },
  'explain.drawn': { 'zh-CN': '随机抽查 {draw}：抽中', en: 'Random draw {draw}: selected' },
  'explain.drawResult': {
    'zh-CN': '随机抽查的查验结果：{result}',
    en: 'Result of the inspection that it asked for: {result}',
  },
  'explain.notDrawn': { 'zh-CN': '随机抽查 {draw}：未抽中', en: 'Random draw {draw}: not selected' },
  'explain.police': { 'zh-CN': '边检：{is}', en: 'Border police: {is}' },
  'explain.customs': { 'zh-CN': '海关系统：{is}', en: 'Customs system: {is}' },
  'explain.customsWaits': {
    'zh-CN': '海关系统已询问 {tries} 次，{waited}未答复',
    en: 'Customs system asked {tries} times, no answer for {waited}',
  },
} as const satisfies Record<`explain.${string}`, Text>

const near = {
  'explain.near.plate': {
    'zh-CN': '车牌 {what} 可信度 {value}，界限 {limit}',
    en: 'Plate {what}: confidence {value}, limit {limit}',
  },
  'explain.near.container': {
    'zh-CN': '箱号 {what} 可信度 {value}，界限 {limit}',
    en: 'Container {what}: confidence {value}, limit {limit}',
  },
  'explain.near.listAge': {
    'zh-CN': '{what}确认于 {value}前，界限 {limit}',
    en: '{what}: confirmed {value} before, limit {limit}',
  },
  'explain.near.weight': {
    'zh-CN': '重量与申报相差 {value} kg，界限 {limit} kg',
    en: 'Weight differs from the declared one by {value} kg, limit {limit} kg',
  },
  'explain.near.legalGross': {
    'zh-CN': '总重 {value} kg，法定上限 {limit} kg',
    en: 'Gross weight {value} kg, legal limit {limit} kg',
  },
  'explain.near.tagMisses': {
    'zh-CN': '连续未读到标签 {value} 次，界限 {limit} 次',
    en: 'Tag missed {value} times in a row, limit {limit}',
  },
  'explain.near.identify': {
    'zh-CN': '等待识别 {value}，界限 {limit}',
    en: 'Waited {value} for an identification, limit {limit}',
  },
  'explain.near.crates': {
    'zh-CN': '箱签读到 {value} 个，至少 {limit} 个',
    en: '{value} crate labels read, at least {limit} are needed',
  },
  'explain.near.manifest': {
    'zh-CN': '载货清单提前 {value} 发送，至少 {limit}',
    en: 'Manifest sent {value} before the arrival, at least {limit} is needed',
  },
} as const satisfies Record<`explain.near.${string}`, Text>

const measures = {
  'explain.ms': { 'zh-CN': '{n} 毫秒', en: '{n} ms' },
  'explain.seconds': { 'zh-CN': '{n} 秒', en: '{n} s' },
  'explain.minutes': { 'zh-CN': '{n} 分钟', en: '{n} min' },
  'explain.hours': { 'zh-CN': '{n} 小时', en: '{n} h' },
  'explain.days': { 'zh-CN': '{n} 天', en: '{n} days' },
  'explain.kg': { 'zh-CN': '{n} 公斤', en: '{n} kg' },
} as const satisfies Record<`explain.${string}`, Text>

/** Sentences of an explanation; names in braces are filled in. */
export const explanations = { ...sections, ...judged, ...observed, ...facts, ...near, ...measures } as const

/** What a release needs, as its lack is said: `missing.<name>`. */
export const lacks = {
  'missing.barrierKnown': { 'zh-CN': '道闸状态', en: 'the state of the barrier' },
  'missing.blacklistKnown': { 'zh-CN': '黑名单完整', en: 'a complete blacklist' },
  'missing.clockTrusted': { 'zh-CN': '可信的时钟', en: 'a clock that can be trusted' },
  'missing.devicesUp': { 'zh-CN': '所需设备全部正常', en: 'every required device in order' },
  'missing.exitLoopKnown': { 'zh-CN': '出口地感状态', en: 'the state of the exit loop' },
  'missing.journalWritable': { 'zh-CN': '可写入的记录', en: 'a journal that can be written' },
  'missing.listsConfirmed': { 'zh-CN': '已确认的名单', en: 'lists that the gateway has confirmed' },
  'missing.listsResynced': {
    'zh-CN': '恢复连接后确认的最新布控',
    en: 'the newest orders, confirmed since the connection came back',
  },
  'missing.modeAutomatic': { 'zh-CN': '自动放行方式', en: 'a lane in automatic service' },
  'missing.noEmergency': { 'zh-CN': '应急指令解除', en: 'the end of the emergency order' },
  'missing.noIntrusion': { 'zh-CN': '通道内确无其他车辆', en: 'nobody else in the lane' },
  'missing.ordersKnown': { 'zh-CN': '布控名单完整', en: 'complete control orders' },
  'missing.plateShown': { 'zh-CN': '与车辆相符的车牌', en: 'a plate of the vehicle, read with confidence' },
  'missing.previousClosed': { 'zh-CN': '前车确认驶离', en: 'the passage before being closed' },
  'missing.loadKnown': { 'zh-CN': '载货状态', en: 'knowing the load' },
  'missing.nothingOnVehicle': { 'zh-CN': '车上确无集装箱', en: 'no container on the vehicle' },
  'missing.tagsActive': { 'zh-CN': '有效的车载卡', en: 'every tag registered and active' },
  'missing.tagHeardWell': { 'zh-CN': '标签读取次数足够', en: 'a tag heard often enough' },
  'missing.tagsSettled': { 'zh-CN': '标签归属明确', en: 'knowing whose tag each is' },
  'missing.vehicleIdentified': { 'zh-CN': '车辆识别', en: 'the vehicle identified' },
  'missing.vehicleOnLoop': { 'zh-CN': '车辆在入口地感上', en: 'the vehicle on the entry loop' },
  'missing.permit': { 'zh-CN': '车辆许可与企业备案', en: 'permit and company registration' },
  'missing.driver': { 'zh-CN': '司机核验', en: 'the driver in order' },
  'missing.police': { 'zh-CN': '边检同意', en: 'the word of the border police' },
  'missing.temperature': { 'zh-CN': '司机体温正常', en: 'a normal temperature of the driver' },
  'missing.radiation': { 'zh-CN': '放射性监测正常', en: 'a normal radiation measurement' },
  'missing.trip': { 'zh-CN': '有效车次', en: 'a valid trip' },
  'missing.container': { 'zh-CN': '箱号核对', en: 'the containers of the trip, read and not locked' },
  'missing.manifest': { 'zh-CN': '按时发送的载货清单', en: 'the manifest, sent in time' },
  'missing.iq': { 'zh-CN': '检验检疫放行', en: 'the release of inspection and quarantine' },
  'missing.customs': { 'zh-CN': '海关放行', en: 'the release of customs' },
  'missing.terminal': { 'zh-CN': '码头指令', en: 'a terminal order' },
  'missing.area': { 'zh-CN': '疫区要求已满足', en: 'what infected areas ask for' },
  'missing.seal': { 'zh-CN': '签封核验', en: 'the seals verified' },
  'missing.fitness': { 'zh-CN': '适载证书', en: 'a fitness certificate' },
  'missing.weight': { 'zh-CN': '重量相符', en: 'a weight in order' },
  'missing.draw': { 'zh-CN': '抽查结果为未抽中', en: 'a draw that did not select it' },
  'missing.account': { 'zh-CN': '账户无超限欠费', en: 'an account in order' },
  'missing.agencies': { 'zh-CN': '通道规定的主管机构', en: 'an agency that rules on the goods' },
  'missing.goods': { 'zh-CN': '活畜或箱签清点', en: 'animals or crates counted' },
  'missing.withoutWood': { 'zh-CN': '确无木质包装', en: 'goods without wood packing' },
  'missing.lookedInto': { 'zh-CN': '开箱查看', en: 'the empty container looked into' },
} as const satisfies Record<`missing.${string}`, Text>

/** What a reason rests on, `evidence.<name>`; values follow it. */
export const evidence = {
  'evidence.tags': { 'zh-CN': '标签', en: 'tags' },
  'evidence.plates': { 'zh-CN': '车牌', en: 'plates' },
  'evidence.vehicle': { 'zh-CN': '车辆', en: 'vehicle' },
  'evidence.vehicles': { 'zh-CN': '车辆', en: 'vehicles' },
  'evidence.by': { 'zh-CN': '识别依据', en: 'known by' },
  'evidence.ambiguous': { 'zh-CN': '归属不明的标签', en: 'tags of either lane' },
  'evidence.tooManyTags': { 'zh-CN': '标签过多', en: 'too many tags' },
  'evidence.missing': { 'zh-CN': '缺少', en: 'missing' },
  'evidence.orders': { 'zh-CN': '编号', en: 'numbers' },
  'evidence.agencies': { 'zh-CN': '机构', en: 'agencies' },
  'evidence.TAG': { 'zh-CN': '按电子标签', en: 'by tag' },
  'evidence.PLATE_PATTERN': { 'zh-CN': '按部分车牌', en: 'by part of a plate' },
  'evidence.PLATE_PATTERN_ON_RECORD': {
    'zh-CN': '按登记车牌（本次未读到）的一部分',
    en: 'by part of a plate on record that was not read',
  },
  'evidence.PLATE': { 'zh-CN': '按车牌', en: 'by plate' },
  'evidence.VEHICLE': { 'zh-CN': '按车辆', en: 'by vehicle' },
  'evidence.COMPANY': { 'zh-CN': '按企业', en: 'by company' },
  'evidence.DRIVER': { 'zh-CN': '按司机', en: 'by driver' },
  'evidence.CONTAINER': { 'zh-CN': '按集装箱', en: 'by container' },
  'evidence.DECLARATION': { 'zh-CN': '按单证', en: 'by declaration' },
  'evidence.SEAL': { 'zh-CN': '按签封', en: 'by seal' },
  'evidence.GOODS_CLASS': { 'zh-CN': '按货物类别', en: 'by class of goods' },
  'evidence.ORIGIN_AREA': { 'zh-CN': '按来源地区', en: 'by area of origin' },
  'evidence.draw': { 'zh-CN': '抽查', en: 'draw' },
  'evidence.trip': { 'zh-CN': '车次', en: 'trip' },
  'evidence.differs': { 'zh-CN': '不符', en: 'differs' },
  'evidence.declarations': { 'zh-CN': '单证', en: 'declarations' },
  'evidence.releases': { 'zh-CN': '放行指令', en: 'releases' },
  'evidence.containers': { 'zh-CN': '集装箱', en: 'containers' },
  'evidence.seals': { 'zh-CN': '签封', en: 'seals' },
  'evidence.driver': { 'zh-CN': '司机', en: 'driver' },
  'evidence.card': { 'zh-CN': '卡号', en: 'card' },
  'evidence.manifest': { 'zh-CN': '载货清单', en: 'manifest' },
  'evidence.lists': { 'zh-CN': '名单', en: 'lists' },
  'evidence.devices': { 'zh-CN': '设备', en: 'devices' },
  'evidence.mode': { 'zh-CN': '方式', en: 'mode' },
  'evidence.grossKg': { 'zh-CN': '总重 kg', en: 'gross kg' },
  'evidence.expectedKg': { 'zh-CN': '申报 kg', en: 'declared kg' },
  'evidence.limitKg': { 'zh-CN': '界限 kg', en: 'limit kg' },
  'evidence.offKg': { 'zh-CN': '相差 kg', en: 'off by kg' },
  'evidence.tareKg': { 'zh-CN': '自重 kg', en: 'tare kg' },
  'evidence.earlierKg': { 'zh-CN': '此前称重 kg', en: 'weighed before, kg' },
  'evidence.tries': { 'zh-CN': '次数', en: 'tries' },
  'evidence.declared': { 'zh-CN': '申报', en: 'declared' },
  'evidence.areas': { 'zh-CN': '疫区', en: 'areas' },
  'evidence.missesBefore': { 'zh-CN': '此前连续未读到', en: 'missed before' },
  'evidence.partner': { 'zh-CN': '联网单位', en: 'partner' },
} as const satisfies Record<`evidence.${string}`, Text>

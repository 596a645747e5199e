import { codeVersion } from '../domain/decision/ruleset.js'
import { listNames } from '../messages/entities.js'

/**
 * The help of every command in Chinese, by its English words as they stand beside the command: help is read where the
 * command is written. `help.test.ts` finds a sentence that has none, and one that nobody says any more.
 */
export const helpInChinese: Readonly<Record<string, string>> = {
  'Runs unattended vehicle lanes at a land port: the edge daemon, its gateway, and simulators.':
    '运行陆路口岸的无人值守通道：通道控制器守护程序、网关与模拟器。',
  'output the version number': '显示版本号',
  'display help for command': '显示该命令的帮助',
  'zh-CN or en; without it as LANEKEEPER_LANG or the locale says':
    'zh-CN 或 en；未指定时依 LANEKEEPER_LANG 或系统语言环境',

  'Run gateway, one edge with two lanes and simulated hardware on this machine, with mixed traffic.':
    '在本机运行网关、带两条通道的通道控制器和模拟硬件，并播放混合车流。',
  'end after so many seconds, with a line of JSON and an exit code':
    '运行指定秒数后结束，输出一行 JSON 与退出码',
  'draws the traffic': '车流的随机种子',
  '1 to 8': '1 至 8',
  'of the LED boards and of this view': 'LED 屏与本画面的语言',
  'keep the folder with configurations and records afterwards': '结束后保留配置与记录所在的文件夹',
  'leave every held vehicle to the person at the console': '所有被扣车辆均留给控制台前的人员处理',

  'Run the daemon of 1 to 8 lanes.': '运行 1 至 8 条通道的通道控制器守护程序。',
  'YAML file; see config/edge.example.yaml': 'YAML 文件，参见 config/edge.example.zh-CN.yaml',

  'Give this box its identity: makes a key here and has it certified by the gateway, against a one-time token.':
    '为本机注册身份：在本机生成密钥，凭一次性令牌由网关签发证书。',
  'YAML file of the edge': '通道控制器的 YAML 配置文件',
  'the line of `lanekeeper gateway token`': '`lanekeeper gateway token` 输出的那一行',
  'a file with that line; -: standard input, so that it is in no history':
    '存有该行的文件；- 表示标准输入，不留命令历史',

  'Run the gateway: it stores what edges record, keeps the lists and serves the console.':
    '运行网关：保存通道控制器的记录，保管名单，提供控制台。',
  'YAML file; see config/gateway.example.yaml': 'YAML 文件，参见 config/gateway.example.zh-CN.yaml',
  'Make a one-time token with which a box is enrolled; earlier ones of that edge are void.':
    '生成用于设备注册的一次性令牌；该通道控制器先前的令牌作废。',
  'an edge of the configuration': '配置中的一个通道控制器',
  'End every certificate of an edge and its sessions, at once; it needs a new token then.':
    '立即吊销一个通道控制器的全部证书并断开其会话；此后需要新令牌。',
  'why; it stands in the audit': '理由，记入审计',
  'Print a one-time sign-in link for a person of the configuration, who then sets a passphrase; the gateway runs.':
    '为配置中的人员输出一次性登录链接，其登录后自设口令；网关须在运行。',
  'as the configuration names the person (people, or operator)': '配置中的人员名（people，或 operator）',

  'Run simulated hardware: vehicles, readers on serial lines and MQTT, a PLC over OPC UA.':
    '运行模拟硬件：车辆、串口与 MQTT 读写器、OPC UA 的 PLC。',
  'YAML file; `lanekeeper demo --keep` leaves one to start from':
    'YAML 文件；`lanekeeper demo --keep` 会留下一份可作起点',
  'debug, info, warn or error': 'debug、info、warn 或 error',

  'Check a configuration of an edge or a gateway: prints all problems at once, with path and remedy.':
    '检查通道控制器或网关的配置：一次列出全部问题、位置和处理办法。',
  'edge or gateway, where the keys do not tell': 'edge 或 gateway；仅在从键名看不出时需要',
  'YAML file; what it configures is seen from its keys': 'YAML 文件；由键名判断其配置的对象',

  'Decide every recorded passage again, from the record alone, and compare byte for byte; or see what a planned change would have made of them.':
    '仅凭记录对每次通行重新判定并逐字节比对；或查看拟议变更会使判定有何不同。',
  'print only the line of figures': '只输出数字一行',
  'how many differences to print one by one': '逐条列出的差异条数',
  'what if these thresholds were others: YAML or JSON, e.g. plateConfidenceMin: 0.8':
    '假设阈值改为此文件所列：YAML 或 JSON，如 plateConfidenceMin: 0.8',
  'what if this ruleset were in force; it need not be signed': '假设此规则集生效；无需签名',
  'what if these entries were in the lists or out of them: .ndjson with an entry or {"delete": LIST, "key": KEY} a line, or YAML or JSON with upserts and deletes':
    '假设名单增删这些条目：.ndjson 每行一个条目或 {"delete": LIST, "key": KEY}；或含 upserts 与 deletes 的 YAML 或 JSON',
  'data directory of an edge, in use or not; or a file with one event a line':
    '通道控制器的数据目录，是否在用均可；或每行一个事件的文件',

  'Say why passages were judged as they were, from the journal of an edge alone.':
    '仅凭通道控制器的日志库说明每次通行为何如此判定。',
  'data directory of an edge; it may be in use, or left by one that was killed':
    '通道控制器的数据目录；可以在用，也可以是被强制结束后留下的',
  'every decision of this passage': '此次通行的全部判定',
  'the newest decisions, at most 100': '最近的若干判定，至多 100',
  'one line of JSON a decision: the explanation as data, and its sentences':
    '每个判定一行 JSON：说明的数据及其文句',
  'show secret orders as what they are; without it they read as random sampling':
    '如实显示秘密布控；不加则显示为随机抽查',

  'What a lane in SHADOW would have done beside what people did, by rule and outcome, from the record alone.':
    '仅凭记录，按规则和结果对照影子模式通道本会如何判定与人工实际如何处置。',
  'only what happened from then on, e.g. 2026-06-01 or 2026-06-01T08:00Z':
    '只看此时刻起的，如 2026-06-01 或 2026-06-01T08:00Z',
  'only what happened before then': '只看此时刻之前的',
  'only this lane': '只看此通道',
  'how many differing passages to name': '列出的不一致通行的条数',
  'the report as one line of JSON': '以一行 JSON 输出报告',

  'Make, sign and check rulesets: thresholds and profiles over the rules of this program.':
    '制作、签署和检查规则集：本程序规则之上的阈值与通道配置。',
  'Make a signing key; the public half belongs into the configuration of the edges.':
    '生成签名密钥；公钥写入各通道控制器的配置。',
  'writes PREFIX.key (mode 0600, keep it off the edges) and PREFIX.pub':
    '写出 PREFIX.key（权限 0600，勿放在通道控制器上）与 PREFIX.pub',
  [`Sign a ruleset for the rules of this program (${codeVersion}).`]: `为本程序的规则（${codeVersion}）签署规则集。`,
  'the private key, mode 0600': '私钥，权限 0600',
  'where the signed ruleset goes; never over another one': '签好的规则集的去处；不覆盖已有文件',
  'JSON: v, id, version, codeVersion, issuedAt, expiresAt, policy, profiles':
    'JSON：v、id、version、codeVersion、issuedAt、expiresAt、policy、profiles',
  'Check signature, code version and end, as an edge does when it starts.':
    '检查签名、程序版本与有效期，与通道控制器启动时相同。',
  'as the edges have it': '与通道控制器所存一致',
  'a signed ruleset': '已签署的规则集',
  'Print what a ruleset says and its name, signed or not; trust nothing that is not verified.':
    '显示规则集的内容与名称，无论是否签署；未经验证者不可信。',
  'a ruleset': '规则集',
  'Put a signed ruleset in force at the next start of an edge; the one before is kept.':
    '使已签署的规则集在通道控制器下次启动时生效；先前的规则集保留。',
  'the configuration of the edge': '通道控制器的配置',
  'a signed ruleset, newer than the one in force': '已签署、且比现行者新的规则集',
  'Return to the ruleset before, at the next start of the edge.': '在通道控制器下次启动时恢复上一规则集。',
  'List what the ruleset in the shadow (ruleset.shadowFile) would have decided otherwise.':
    '列出影子规则集（ruleset.shadowFile）判定不同之处。',
  'data directory of an edge, in use or not': '通道控制器的数据目录，是否在用均可',

  'Make, replace and revoke the keys that control lists are signed with. Keys are never printed.':
    '生成、更换和吊销布控名单的签名密钥。密钥从不显示。',
  'Make root, delegation and online keys of a site, and its first records.':
    '生成一个口岸的根密钥、授权密钥和在线密钥，以及最初的记录。',
  'as the configurations name it': '与各配置中的名称一致',
  'keys of the root role, each for another person': '根角色的密钥数，每把由不同的人保管',
  'so many of them sign a new root': '签署新的根记录所需的密钥数',
  'the first root ends after so many days': '首个根记录的有效天数',
  'folder of the keys': '密钥文件夹',
  'another folder with root or delegation keys; may be given again':
    '另一存有根密钥或授权密钥的文件夹；可多次给出',
  'a new delegation ends after so many days': '新授权记录的有效天数',
  "Make a person's key for lifting holds, sealed by a passphrase; `delegate` puts it in force.":
    '生成个人的解控密钥，以口令封存；经 `delegate` 生效。',
  'one line, mode 0600; absent: standard input': '一行，权限 0600；缺省为标准输入',
  'the name that the person signs in with': '该人员的登录名',
  'Sign the next delegation: online keys and persons as they lie in the folder.':
    '签署下一份授权记录：在线密钥与人员以文件夹中现有者为准。',
  "Sign the lift of a hold with a person's key; the answer is `signature` of POST /api/orders/<id>/lift/confirm.":
    '用个人密钥签署一项解控；结果即 POST /api/orders/<id>/lift/confirm 的 `signature`。',
  'folder of the keys, with persons/<person>.json': '密钥文件夹，内有 persons/<person>.json',
  '`statement` of GET /api/orders/<id>, as JSON': 'GET /api/orders/<id> 的 `statement`，JSON 格式',
  'whose key signs': '由谁的密钥签署',
  'Replace a key: snapshot, timestamp or hold, or a root or delegation key by the beginning of its id.':
    '更换密钥：snapshot、timestamp 或 hold；根密钥或授权密钥以其编号开头指定。',
  'a new root ends after so many days': '新根记录的有效天数',
  'snapshot, timestamp, hold, or a key id; `root` signs a new root with the same keys':
    'snapshot、timestamp、hold 或密钥编号；`root` 表示用原密钥签署新的根记录',
  'Take a person out of the delegation, or a key out of the root. Online keys are rotated instead.':
    '将人员移出授权记录，或将密钥移出根记录。在线密钥用 rotate 更换。',
  'a person, or the beginning of a key id of the root': '人员名，或根记录中密钥编号的开头',
  'Roles, keys (public halves), persons and ends of the newest records.':
    '最新记录中的角色、密钥（公钥）、人员与有效期。',
  'Check the chain of records as an edge does that was given root.1.json, and the online keys where they are there; exit 1 when it does not hold.':
    '以只持有 root.1.json 的通道控制器的方式检查整条记录链，并检查在场的在线密钥；不成立时退出码为 1。',
  'folder of the keys, or one that holds records/': '密钥文件夹，或含 records/ 的文件夹',
  'say when a record ends within so many days': '有记录在此天数内到期时提示',

  'Look at control lists, at an edge or a gateway: their state, content, history. Changes nothing.':
    '查看通道控制器或网关的布控名单：状态、内容、历史。不作任何更改。',
  'Each list: version, entries, age, who answers for it.': '各名单的版本、条数、时效、签名情况。',
  'data directory of an edge; it may be in use': '通道控制器的数据目录；可以在用',
  'data directory of a gateway that does not run': '未在运行的网关的数据目录',
  'one-time sign-in link of a gateway that runs': '运行中的网关的一次性登录链接',
  'one line of JSON each': '每项一行 JSON',
  'Hash the content anew, and check the signatures that an edge keeps.':
    '重新计算内容散列，并检查通道控制器所存签名。',
  'root record that you trust; later ones stand beside it (root.<n>.json)':
    '您信任的根记录；其后的根记录在其旁（root.<n>.json）',
  'this list only': '只看此名单',
  'What changed between two versions, or between an edge and a gateway.':
    '两个版本之间，或通道控制器与网关之间的差异。',
  'default: the version before': '缺省为前一版本',
  'default: the newest': '缺省为最新版本',
  [listNames.join(', ')]: listNames.join('、'),
  'Why is it on a list: a vehicle, tag, plate, container, driver, company or paper.':
    '为何在名单上：车辆、标签、车牌、箱号、司机、企业或单证。',
  'as it is written anywhere in an entry; plates and containers in any spelling':
    '条目中任何位置的写法；车牌与箱号不拘写法',
  'Write one version as NDJSON, an entry a line.': '将一个版本写成 NDJSON，每行一个条目。',
  'default: standard output': '缺省为标准输出',

  'Kill edge and gateway with SIGKILL under traffic and account for every event and every raise.':
    '在车流中以 SIGKILL 强制结束通道控制器与网关，并逐一核对每个事件和每次抬杆。',
  'random kills of edge and gateway': '随机强制结束通道控制器与网关的次数',
  'go on until so many events are journaled': '直到记录了这么多事件',
  'also kill the edge at each point of a release, K0 to K9': '并在放行的各步 K0 至 K9 强制结束通道控制器',
  'also kill the edge at each angle of the moving arm, up and down': '并在栏杆升降的各角度强制结束通道控制器',
  'instead: cut the power and kill the edge at so many points while lists come into force (500)':
    '改为：在名单生效过程的这么多个点上断电和强制结束通道控制器（500）',
  'draws traffic and kills': '车流与强制结束的随机种子',
  'keep the folder with configurations, records and logs': '保留配置、记录与日志所在的文件夹',

  'Measure one thing beside its floor; without a name, list what can be measured.':
    '测量一项指标及其下限；不给名称则列出可测项目。',
  'lane: lanes of the edge, 1 to 8': 'lane：通道控制器的通道数，1 至 8',
  'lane: passages to measure': 'lane：测量的通行次数',
  'lane: reads a second a lane': 'lane：每通道每秒读取次数',
  'propagation: edges that an order goes to': 'propagation：布控指令下达的通道控制器数',
  'lane, lists: entries over all lists': 'lane、lists：全部名单的条目总数',
  'the small ones: how long each part is measured': '小型测试：每部分测量的时长（秒）',
  'where to write, so that the disk that counts is measured': '写入位置，以测量实际使用的磁盘',
  'leave what was written, records and logs': '保留写下的内容、记录与日志',
  "lane, ingest: leave a CPU profile of the edge's or the gateway's process there":
    'lane、ingest：在此留下通道控制器或网关进程的 CPU 剖析文件',
  'which bench': '测试项目名称',
}

/** What follows the help of a command, by its English words. */
export const notesInChinese: Readonly<Record<string, string>> = {}

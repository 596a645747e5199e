/** What the program says while it works on files, keys and identities, and why it does not go on. */
export const programSentences = {
  '(lanekeeper --help lists the commands)': '（lanekeeper --help 列出全部命令）',
  'Start here:': '从这里开始：',
  "  lanekeeper demo                    everything on this machine, with traffic; prints the console's address":
    '  lanekeeper demo                    在本机运行全部组件并播放车流；输出控制台地址',
  '  lanekeeper check config/edge.yaml  all problems of a configuration at once':
    '  lanekeeper check config/edge.yaml  一次列出配置的全部问题',
  'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a configuration has problems.':
    '退出码：0 完成，1 失败，2 用法错误，3 配置有问题。',
  'There is no language "{0}": use {1}.': '没有语言“{0}”：可用 {1}。',
  'a whole number, {0}': '应为整数，{0}',
  '{0} or more': '{0} 或更大',
  '{0} to {1}': '{0} 至 {1}',
  'there is no decision in {0}': '{0} 中没有判定',
  'there is no decision on passage {0} in {1}': '{1} 中没有通行 {0} 的判定',
  'a time such as 2026-06-01 or 2026-06-01T08:00Z': '应为时间，如 2026-06-01 或 2026-06-01T08:00Z',
  'one to 64 letters, digits, dots, dashes or underscores': '应为 1 至 64 个字母、数字、点、短横线或下划线',
  'closing: {0}': '关闭时出错：{0}',

  'Gateway of site {0}': '口岸 {0} 的网关',
  '  console  {0}': '  控制台  {0}',
  '  edges    {0} and {1}': '  通道控制器  {0} 与 {1}',
  'Edge {0} runs {1}; its record is in {2}': '通道控制器 {0} 正在运行 {1}；记录在 {2}',
  'Simulated hardware of {0} lanes; PLC at {1}': '{0} 条通道的模拟硬件；PLC 在 {1}',
  '{0} has no edge {1}. It has: {2}.': '{0} 中没有通道控制器 {1}。其中有：{2}。',
  none: '无',

  'this is no enrolment token.': '不是注册令牌。',
  'Copy the whole line that begins with lk1. from `lanekeeper gateway token`.':
    '请从 `lanekeeper gateway token` 的输出复制以 lk1. 开头的整行。',
  'Name a file that can be read, or - to paste the token.': '请给出可读取的文件，或用 - 粘贴令牌。',
  'the gateway answered {0}': '网关答复 {0}',
  'the certificate is for {0}, not for {1}': '证书属于 {0}，而非 {1}',
  '{0} holds no identity.': '{0} 中没有身份。',
  'Enrol the box again: lanekeeper enroll.': '请重新注册本机：lanekeeper enroll。',
  '{0} gave no answer within 15 s': '{0} 在 15 秒内没有答复',
  'the answer is too long': '答复过长',
  'what answers at {0} is no gateway of Lanekeeper': '{0} 处的应答者不是 Lanekeeper 网关',
  '{0} is in use by another edge process: stop that one, or give this one a folder of its own':
    '{0} 正被另一通道控制器进程使用：请停止该进程，或为本进程另设文件夹',
  'there is no readable journal {0}': '没有可读取的日志库 {0}',
  'the chain breaks before event {0}': '记录链在事件 {0} 之前断开',
  '{0}: {1} is {2}, not {3}': '{0}：{1} 为 {2}，应为 {3}',
  '{0} has schema {1}, this program knows {2}: run the newer program, or move the file away':
    '{0} 的格式版本为 {1}，本程序只到 {2}：请用更新的程序，或移走该文件',
  '{0} is corrupt: {1}': '{0} 已损坏：{1}',
  '{0} cannot be written ({1}): start the gateway once, and run this as its own user or as root.':
    '无法写入 {0}（{1}）：请先启动一次网关，并以其用户或 root 运行本命令。',
  'no gateway answers in {0}: is it running, with this configuration?':
    '{0} 中没有网关答复：它是否以此配置在运行？',
  'the certificate authority in {0} cannot be used: {1}.': '{0} 中的证书机构无法使用：{1}。',
  '{0} is in use by another gateway: stop that one first.': '{0} 正被另一网关使用：请先停止它。',
  '{0} is damaged: move it aside, never delete it, and restore a backup; the edges refill what is newer.':
    '{0} 已损坏：请移到一旁（勿删除）并恢复备份；更新的内容由通道控制器补齐。',
  '{0} cannot be opened: {1}': '无法打开 {0}：{1}',
  '{0} cannot be used: {1}. Run chmod 600 on it, or move it aside: a new one is made, and the edges need its public half.':
    '{0} 无法使用：{1}。请对其 chmod 600，或移到一旁：将生成新的，通道控制器需要其公钥。',

  'the store could not commit: {0}': '数据库未能提交：{0}',
  'the store is closed': '数据库已关闭',
  'PRAGMA {0} is {1}, not {2}': 'PRAGMA {0} 为 {1}，应为 {2}',
  'event {0}: {1}': '事件 {0}：{1}',

  'enrol this box anew at a gateway that signs lists (lanekeeper enroll), or set trust.rootFile':
    '请在签名名单的网关重新注册本机（lanekeeper enroll），或设置 trust.rootFile',
  'trust.unsigned is set: remove it once the gateway signs lists (lanekeeper keys)':
    '已设 trust.unsigned：网关开始签名（lanekeeper keys）后请删除',
  'the gateway that this box enrolled at has other keys than {0}: find out which are right':
    '本机注册所在网关的密钥与 {0} 不同：请查明何者正确',
  '{0}: another root {1} is known here: enrol this edge anew, with an empty data directory':
    '{0}：此处已有另一根记录 {1}：请用空的数据目录重新注册此通道控制器',
  '{0} cannot be read: {1}': '无法读取 {0}：{1}',
  'Take root.<n>.json as `lanekeeper keys` wrote it.': '请用 `lanekeeper keys` 写出的 root.<n>.json。',
  'it is of site {0}, this is {1}.': '它属于口岸 {0}，而这里是 {1}。',
  'Take the root of this site.': '请用本口岸的根记录。',
  'Take it anew from who keeps the root keys.': '请向保管根密钥者重新取得。',
  'it is not of site {0}': '不属于口岸 {0}',
  'it has lists that nobody answers for': '其中有无人签名负责的名单',

  '{0} of {1} persons signed this lift of this entry': '此项解控需 {1} 人签署，现有 {0} 人',
  'more than {0} lists': '名单超过 {0} 个',
  'more than {0} keys': '密钥超过 {0} 把',
  'the key has another id': '密钥编号不符',
  'key {0} serves {1} already': '密钥 {0} 已用于 {1}',
  'key {0} is not among the keys': '密钥 {0} 不在所列密钥之中',
  'the threshold is above the number of keys': '所需签名数多于密钥数',
  'it ends before it begins': '失效时间早于生效时间',
  'a key that lifts must name its person': '解控密钥必须写明其人员',
  'the signature of key {0} does not fit': '密钥 {0} 的签名不符',
  'key {0} was revoked': '密钥 {0} 已吊销',
  'key {0} may not sign this': '密钥 {0} 无权签署此项',
  '{0} of {1} keys signed': '需 {1} 把密钥签署，现有 {0} 把',

  '{0} is in use by another program: stop that one, or set another port in the configuration.':
    '{0} 正被其他程序占用：请停止该程序，或在配置中改用其他端口。',
  'this user may not listen on {0}: set a port from 1024 on, or give the service the right to lower ones (CAP_NET_BIND_SERVICE).':
    '当前用户无权监听 {0}：请改用 1024 及以上的端口，或授予该服务使用低端口的权限（CAP_NET_BIND_SERVICE）。',
  'this machine has no address {0}: mend the host in the configuration.':
    '本机没有地址 {0}：请改正配置中的 host。',
  'Cannot listen on {0}: {1}. {2}': '无法监听 {0}：{1}。{2}',
  'Is another edge running, or is the port in use?': '是否有另一个边缘端在运行，或端口已被占用？',
  'The bus has no certificate: {0}': '读写器总线没有可用的证书：{0}',
  'The secret of {0} cannot be read: {1}': '无法读取 {0} 的口令：{1}',
  'Others may read {0}. Run: chmod 600 {1}': '他人可以读取 {0}。请运行：chmod 600 {1}',
  'The secret in {0} has fewer than 12 characters.': '{0} 中的口令不足 12 个字符。',
  'there are no readable lists {0}': '没有可读取的名单库 {0}',
  'event {0} has {1} bytes; one message carries {2}': '事件 {0} 有 {1} 字节；一条消息至多 {2} 字节',
  'event {0} is not what was recorded': '事件 {0} 已不是当时的记录',

  '{0}: {1} is lifted ({2} such entries), and a first list proves no lift: leave it out':
    '{0}：{1} 已解控（共 {2} 条）；首份名单不能证明解控，请删去',
  '{0}: {1} is a secret order ({2} such entries): its number has to begin with S-, or others learn of it when they take the number':
    '{0}：{1} 是秘密布控（共 {2} 条）；其编号须以 S- 开头，否则他人取用同一编号时会得知',
  'these lists are only looked at': '此处的名单只供查看',
  'there is no readable store {0}': '没有可读取的数据库 {0}',
  'a gateway runs on this folder: ask it itself, with a sign-in link (--link)':
    '有网关正在使用此文件夹：请用登录链接（--link）直接询问该网关',
  'the store has schema {0}, this program knows {1}: start the newer program, or restore the backup made before it.':
    '数据库的格式版本为 {0}，本程序只到 {1}：请启动更新的程序，或恢复升级前的备份。',
  'Put there what `lanekeeper keys` wrote into records/ and online/.':
    '请放入 `lanekeeper keys` 写在 records/ 与 online/ 中的文件。',
  '{0} holds no root.<n>.json.': '{0} 中没有 root.<n>.json。',
  'Make them: `lanekeeper keys init`.': '请用 `lanekeeper keys init` 生成。',
  'there is no delegation.<n>.json.': '没有 delegation.<n>.json。',
  'Sign one: `lanekeeper keys delegate`.': '请用 `lanekeeper keys delegate` 签署一份。',
  'Look at it with `lanekeeper keys verify`.': '请用 `lanekeeper keys verify` 检查。',
  '{0} may be read by others.': '他人可以读取 {0}。',
  '{0} is not the {1} key that delegation {2} names.': '{0} 不是授权记录 {2} 所列的 {1} 密钥。',
  'Take key and delegation from the same `lanekeeper keys` folder.':
    '密钥与授权记录应取自同一 `lanekeeper keys` 文件夹。',
  'the {0} role asks for several keys, and the gateway holds one.':
    '{0} 角色需要多把密钥签署，而网关只有一把。',
  'a key is missing': '缺少一把密钥',
  'Rotate the key, and chmod 600 {0}.': '请更换该密钥，并 chmod 600 {0}。',
  'Take the one that `lanekeeper keys` made.': '请用 `lanekeeper keys` 生成的那一把。',
} as const

/** What is wrong with a configuration, and what to do about it: the English words, and the Chinese ones. */
export const configSentences = {
  '(whole)': '（整体）',
  'line {0}, column {1}': '第 {0} 行第 {1} 列',
  '{0}: 1 problem': '{0}：1 个问题',
  '{0}: {1} problems': '{0}：{1} 个问题',
  '{0}: no problems; it configures a gateway.': '{0}：没有问题；配置的是网关。',
  '{0}: no problems; it configures an edge.': '{0}：没有问题；配置的是通道控制器。',

  'config/*.example.yaml shows the settings, and the README of a driver all of its own.':
    '设置项见 config/*.example.zh-CN.yaml；驱动的全部设置项见其 README。',
  'cannot read {0}: {1}.': '无法读取 {0}：{1}。',
  '{0} cannot be read ({1}).': '无法读取 {0}（{1}）。',
  '{0} may be read by others (mode {1}).': '他人可以读取 {0}（权限 {1}）。',
  'Run: chmod 600 {0}': '请运行：chmod 600 {0}',
  'Run `chmod 600 {0}`, and make a new key if others may have read it.':
    '请运行 `chmod 600 {0}`；若可能已被他人读过，请换新密钥。',
  '{0} holds no certificate.': '{0} 中没有证书。',
  'It begins with -----BEGIN CERTIFICATE-----; a key or a request is something else.':
    '证书以 -----BEGIN CERTIFICATE----- 开头；密钥或证书申请不是证书。',
  'Check the path and its permissions.': '请检查路径及其权限。',
  'Take records/root.<n>.json of the folder of `lanekeeper keys`.':
    '请取 `lanekeeper keys` 文件夹中的 records/root.<n>.json。',
  "Export the PLC's own certificate from its engineering tool as PEM and put it there.":
    '请从 PLC 的编程软件导出其自身证书（PEM），放在该处。',
  'Put the certificate authority of that broker there, as PEM.':
    '请将该消息代理的证书机构证书（PEM）放在该处。',
  'Check its owner and permissions.': '请检查其所有者与权限。',
  'Give the path of a readable file.': '请给出可读取的文件的路径。',
  'Mend the YAML first.': '请先改正 YAML。',
  '{0} is longer than 2 MB.': '{0} 超过 2 MB。',
  'Name the YAML file of the configuration.': '请给出配置的 YAML 文件。',
  '{0} is not UTF-8.': '{0} 不是 UTF-8 编码。',
  'Save it as UTF-8, not as GBK (ANSI) or UTF-16.': '请另存为 UTF-8，而非 GBK（ANSI）或 UTF-16。',
  'an alias (a value that begins with *) names nothing that is there, or too much.':
    '别名（以 * 开头的值）所引用的内容不存在，或重复过多。',
  'Write out what is repeated, or put the value in quotes.':
    '请将重复引用的内容逐一写出；若并非引用，请给该值加引号。',
  'a colon and a blank behind a name, a dash before an item, or the end of a quote or bracket is missing, or the line is indented wrongly.':
    '名称后缺少冒号和空格，条目前缺少短横线，引号或括号没有结束，或本行缩进有误。',
  'Compare with config/*.example.yaml.': '请对照 config/*.example.zh-CN.yaml。',
  'two settings run into each other, or a name has no colon and blank behind it.':
    '两个设置项连在了一起，或名称后缺少冒号和空格。',
  'Write one name and its value a line, and indent all lines of a block alike.':
    '请每行写一个名称及其值，同一段各行缩进一致。',
  'a tab stands where only blanks may indent.': '缩进只能用空格，此处用了制表符（Tab）。',
  'Replace tabs with blanks.': '请将制表符换成空格。',
  'this name is not unique in its block.': '同一段中此名称出现了两次。',
  'Keep one of them.': '请只保留一个。',
  'this line is indented otherwise than its block.': '本行缩进与所在段不一致。',
  'Give all lines of a block the same number of blanks.': '同一段各行前应有相同个数的空格。',
  'a value may not begin with this sign.': '值不能以此符号开头。',
  'Put the value in single quotes.': '请给该值加单引号。',
  'a backslash in double quotes means something else.': '双引号中的反斜杠另有含义。',
  'this does not belong here.': '此处有多余的内容。',
  '{0} must hold one line of at least {1} characters without spaces.':
    '{0} 应只有一行，不少于 {1} 个字符，且无空格。',
  'Make one: head -c 32 /dev/urandom | base64 -w0 > {0}':
    '可生成一个：head -c 32 /dev/urandom | base64 -w0 > {0}',
  'Check path and permissions, or make it: (umask 077; head -c 32 /dev/urandom | base64 -w0 > {0})':
    '请检查路径与权限，或生成一个：(umask 077; head -c 32 /dev/urandom | base64 -w0 > {0})',
  'It must be JSON.': '必须是 JSON。',

  'unknown kind "{0}".': '没有类型“{0}”。',
  'Known: {0}.': '可用的有：{0}。',
  'unknown profile "{0}".': '没有通道配置“{0}”。',
  '"{0}" is given twice.': '“{0}”出现了两次。',
  '"{0}" is given twice. User names are unique.': '“{0}”出现了两次；用户名不得重复。',
  'Once is enough.': '写一次即可。',
  'Ids are unique.': '编号不得重复。',
  'profile "{0}" is for the other direction.': '通道配置“{0}”用于另一方向。',
  'Say {0}, or name another profile.': '请写 {0}，或改用其他通道配置。',
  'edge and gateway know each other by certificates, and never speak in clear.':
    '通道控制器与网关以证书互相认证，从不明文通信。',
  'Write an address that begins with {0}//.': '地址应以 {0}// 开头。',
  'lists are either unsigned or of a root.': '名单要么不签名，要么由根记录证明，二者只能取一。',
  'Remove trust.unsigned: signed is what a port needs.': '请删除 trust.unsigned：口岸应使用签名名单。',
  '"{0}" is also a lane.': '“{0}”同时也是通道名。',
  'Give every device a name of its own.': '每个设备应有自己的名称。',
  'there is no lane "{0}".': '没有通道“{0}”。',
  'Lanes: {0}.': '通道有：{0}。',
  'no reader feeds lane "{0}".': '没有读写器供通道“{0}”使用。',
  'Name the lane in the feeds of a reader.': '请在某个读写器的 feeds 中写上该通道。',
  'there is no reader "{0}".': '没有读写器“{0}”。',
  'Name a reader of this file.': '请写本文件中的读写器。',
  'no vehicle is sent to a bay for "{0}".': '没有车辆会因“{0}”被引导至查验车位。',
  'Name codes of docs/decision-table.md; RND-01 stands for draws and secret orders alike.':
    '请写 docs/decision-table.zh-CN.md 中的代码；RND-01 同时代表随机抽查与秘密布控。',

  'it was signed with another key.': '由另一密钥签署。',
  'Configure the public key of who signed it.': '请配置签署者的公钥。',
  'it was changed after it was signed.': '签署后被改动过。',
  'Sign it again: `lanekeeper ruleset sign`.': '请重新签署：`lanekeeper ruleset sign`。',
  '{0} holds no Ed25519 key.': '{0} 中没有 Ed25519 密钥。',
  'Make one: `lanekeeper ruleset keygen`.': '可生成一个：`lanekeeper ruleset keygen`。',
  'No Ed25519 public key: take the line that the gateway tells.': '不是 Ed25519 公钥：请用网关给出的那一行。',
  'is for the rules {0}, this program has {1}.': '适用于规则 {0}，而本程序的规则是 {1}。',
  'Replay recorded passages with this program and sign the ruleset anew for it.':
    '请用本程序重新判定已记录的通行，再为其重新签署规则集。',
  'ended at {0}.': '已于 {0} 失效。',
  'Sign a new version with a later end.': '请签署有效期更晚的新版本。',
  'there is no such profile.': '没有此通道配置。',
  'Use the names of edge/domain/decision/{profiles,cargo-profiles,cargo}.ts.':
    '请用 edge/domain/decision/{profiles,cargo-profiles,cargo}.ts 中的名称。',
  'there is no need "{0}".': '没有需求项“{0}”。',

  'This is no OPC UA node id. Write it as ns=<index>;s=<name> (or i=, g=, b=).':
    '不是 OPC UA 节点编号。请写成 ns=<索引>;s=<名称>（或 i=、g=、b=）。',
  'A prefix is the beginning of a text node id, e.g. "ns=1;s=lane-1.".':
    '前缀是文本型节点编号的开头，如 "ns=1;s=lane-1."。',
  'The address of the PLC is written opc.tcp://<host>:<port>.': 'PLC 的地址应写成 opc.tcp://<主机>:<端口>。',
  'It must be longer than heartbeatEveryMs.': '必须大于 heartbeatEveryMs。',
  'This name changes with the order of plugging. Use the name below /dev/serial/by-id/.':
    '此设备名会随插接次序改变，请用 /dev/serial/by-id/ 下的名称。',
  'This is no address. Write it as mqtt://127.0.0.1:1884 or mqtts://host:8883.':
    '不是地址。请写成 mqtt://127.0.0.1:1884 或 mqtts://主机:8883。',
  'Name the user in username and the secret in secretFile.':
    '用户名请写在 username，口令请写在 secretFile 所指文件。',
  'Only mqtt:// and mqtts:// are spoken.': '只支持 mqtt:// 与 mqtts://。',
  'mqtt:// would send the secret over the network in clear. Use mqtts://.':
    'mqtt:// 会以明文在网络上发送口令，请用 mqtts://。',
  'Name the topic of this one reader, e.g. "readers/north-1".':
    '请写这一个读写器的主题，如 "readers/north-1"。',
  'This is no topic filter: "#" stands alone at the end, "+" alone between slashes.':
    '不是主题过滤器："#" 只能单独在末尾，"+" 只能单独在两条斜线之间。',
  'A user name has 1 to 64 letters, digits, dots, underlines or dashes.':
    '用户名为 1 至 64 个字母、数字、点、下划线或短横线。',
  '{0} is not this machine, and secrets would cross the network in clear. Give tls, or use 127.0.0.1.':
    '{0} 不是本机，口令会以明文经过网络。请配置 tls，或使用 127.0.0.1。',

  '{0} is reachable from other machines, and there is no TLS.': '其他机器可以访问 {0}，而未配置 TLS。',
  'Add {0}.tls with keyFile and certFile, or listen on 127.0.0.1.':
    '请加上 {0}.tls 的 keyFile 与 certFile，或只监听 127.0.0.1。',
  'edges on other machines would not know the gateway by any name.':
    '其他机器上的通道控制器无从以任何名称认出网关。',
  'Name the host or address that stands in the configuration of the edges.':
    '请写通道控制器配置中所写的主机名或地址。',
  'Give both, or neither: then the gateway makes its own.': '两者都给，或都不给（由网关自行生成）。',
  'keyFile and certFile belong together.': 'keyFile 与 certFile 须成对给出。',
  '{0} is enrolled twice.': '{0} 登记了两次。',
  'lists is a word of the wire and cannot name an edge.': 'lists 是通信用词，不能作通道控制器名称。',
  '{0} is more than an origin.': '{0} 不只是来源（origin）。',
  'Write {0}.': '请写 {0}。',
  '{0} is named twice.': '{0} 出现了两次。',
  'Join the roles.': '请将其角色合并。',
  '{0}, who signs in by the printed link, is not among them and could change nothing.':
    '以所示链接登录的 {0} 不在其中，将无权作任何更改。',
  'Name {0} with its roles, or set operator.': '请写上 {0} 及其角色，或设置 operator。',
  'a host name or an address': '应为主机名或地址',
  'Copy it from the folder of `lanekeeper keys` (docs/keys.md), for the gateway to read.':
    '请从 `lanekeeper keys` 的文件夹复制（docs/keys.zh-CN.md），并让网关可以读取。',
  'it is not said whether lists are signed.': '未说明名单是否签名。',
  'Make keys: `lanekeeper keys init --site <site> --dir <folder>`, then set trust.recordsDir and trust.keysDir (docs/keys.md).':
    '请生成密钥：`lanekeeper keys init --site <口岸> --dir <文件夹>`，再设置 trust.recordsDir 与 trust.keysDir（docs/keys.zh-CN.md）。',
  '{0} For trials: trust.unsigned: true.': '{0}仅供试用时：trust.unsigned: true。',
  'lists are either unsigned or signed with keys.': '名单要么不签名，要么用密钥签名，二者只能取一。',
  'Remove trust.unsigned.': '请删除 trust.unsigned。',
  'is missing.': '缺少此项。',
  'this is no address.': '不是地址。',
  'Write it whole, as https://host:port or mqtts://host:port.':
    '请写完整，如 https://主机:端口 或 mqtts://主机:端口。',
  'Put it in quotes: without them it is no text.': '请加引号：不加引号就不是文本。',
  '64 characters of lower-case hex': '应为 64 位小写十六进制字符',
  'four digits': '应为四位数字',
  'two digits': '应为两位数字',
  'two capital letters': '应为两个大写字母',
  'one digit or capital letter': '应为一位数字或一个大写字母',
  'hexadecimal digits in capitals, at most 56': '应为大写十六进制数字，至多 56 位',
  'lies before serialFrom.': '小于 serialFrom。',
  'a tag of {0} could be one of {1}.': '{0} 的标签可能被认作 {1} 的。',
  'Give prefixes or numbers of digits that tell them apart.': '请给出可以区分二者的前缀或位数。',
} as const

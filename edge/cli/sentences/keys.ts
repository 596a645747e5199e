/** Of `lanekeeper keys` and `lanekeeper ruleset`. */
export const keySentences = {
  'without {0} there are {1} {2} keys, and {3} must sign: replace it (`lanekeeper keys rotate {4}`)':
    '去掉 {0} 后只剩 {1} 把 {2} 密钥，而需 {3} 把签署：请更换它（`lanekeeper keys rotate {4}`）',
  '{0} keys of the root begin with {1}: `lanekeeper keys show` lists them':
    '根记录中有 {0} 把密钥以 {1} 开头：`lanekeeper keys show` 可列出',
  '{0} may be read by others: chmod 600 it, or replace the key': '他人可以读取 {0}：请 chmod 600，或更换密钥',
  '{0} holds no Ed25519 key: take one that lanekeeper made':
    '{0} 中没有 Ed25519 密钥：请用 lanekeeper 生成的密钥',
  '{0} is not the {1} key that delegation {2} names: {3}': '{0} 不是授权记录 {2} 所列的 {1} 密钥：{3}',
  'Lifts {0} of {1}, site {2}, reason {3}, asked {4}':
    '解控签名：名单 {1} 中的 {0}，口岸 {2}，理由 {3}，申请于 {4}',
  'copy the new files of records/ to the gateway': '将 records/ 中的新文件复制到网关',
  'carry offline/ away, give online/ and records/ to the gateway; boxes get the root when they enrol':
    '请将 offline/ 带走保管，把 online/ 与 records/ 交给网关；各通道控制器在注册时取得根记录',
  '{0}, at once after it online/{1}.key; the key in online/retired/ signs nothing any more':
    '{0}，随后立即复制 online/{1}.key；online/retired/ 中的密钥不再用于签名',
  'carry the new key in offline/ away; {0}': '请将 offline/ 中的新密钥带走保管；{0}',
  '{0}, and take persons/{1}.json away there; lifts that {2} signed and that an edge still needs stand as the fault gateway.liftNotProven: two others lift those again':
    '{0}，并在网关上移走 persons/{1}.json；{2} 签署过、仍有通道控制器需要的解控会以故障 gateway.liftNotProven 列出：由另外两人再次解控',
  'sign the next delegation (lanekeeper keys delegate); then {0}':
    '请签署下一份授权记录（lanekeeper keys delegate）；然后{0}',
  'delegation: {0} ({1})': '授权记录：{0}（{1}）',
  'there is no delegation: `lanekeeper keys delegate`': '没有授权记录：`lanekeeper keys delegate`',
  'the {0} has ended: sign the next one': '{0} 记录已失效：请签署下一份',
  'the {0} ends {1}: sign the next one': '{0} 记录将于 {1} 失效：请签署下一份',
  'rename {0} to it': '请将 {0} 改为此名',
  'take key and records from the same folder': '密钥与记录应取自同一文件夹',
  '{0}: {1}; take it from a backup': '{0}：{1}；请取自备份',
  '{0} holds version {1}': '{0} 中是版本 {1}',
  'the passphrase does not open the key of {0}': '口令不能打开 {0} 的密钥',
  '{0} holds no statement of a lift: take `statement` of GET /api/orders/<id> as it is':
    '{0} 中没有解控陈述：请原样取 GET /api/orders/<id> 的 `statement`',
  '{0} holds the keys of a site: rotate them, or take another folder':
    '{0} 中已有一个口岸的密钥：请更换密钥，或另用文件夹',
  '{0} is there: revoke {1} first, then make a new key': '{0} 已存在：请先吊销 {1}，再生成新密钥',
  '{0} holds no root record: make one with `lanekeeper keys init`':
    '{0} 中没有根记录：请用 `lanekeeper keys init` 生成',
  '{0} {1} does not hold: {2} ({3}); nothing was written': '{0} {1} 不成立：{2}（{3}）；未写入任何内容',
  '{0} {1} would be refused: {2}; nothing was written': '{0} {1} 会被拒绝：{2}；未写入任何内容',
  '{0} is not there: is the medium in?': '{0} 不在：介质是否已插入？',
  '{0} of {1} {2} keys are at hand: give the folder of {3} with --offline; nothing was written':
    '需 {1} 把 {2} 密钥，手头有 {0} 把：请用 --offline 给出 {3} 所在文件夹；未写入任何内容',
  '{0} may be read by others: chmod 600 it, and take a new passphrase':
    '他人可以读取 {0}：请 chmod 600，并换新口令',
  'the two were not the same; nothing was written': '两次输入不一致；未写入任何内容',
  'nothing was written': '未写入任何内容',
  'a passphrase has at least {0} characters; take four words': '口令至少 {0} 个字符；可用四个词',
  '{0} is no person here, no role, and not 8 or more characters of a key id':
    '{0} 不是此处的人员、角色，也不是密钥编号的 8 个以上字符',
  'is version {0} of {1}, and {2} is in force.': '是 {1} 的版本 {0}，而现行版本为 {2}。',
  'Sign a higher version, or go back: lanekeeper ruleset back.':
    '请签署更高的版本，或恢复：lanekeeper ruleset back。',
  'is not there.': '不存在。',
  'There is nothing to go back to before a second activation.': '第二次启用之前没有可恢复的版本。',
  'is not in the configuration.': '不在配置中。',
  'Name ruleset.file and ruleset.publicKey there.': '请在配置中写 ruleset.file 与 ruleset.publicKey。',
  '{0} may be read by others: chmod 600 it, or make a new one': '他人可以读取 {0}：请 chmod 600，或重新生成',
} as const

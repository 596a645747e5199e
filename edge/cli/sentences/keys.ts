/** Of `lanekeeper keys` and `lanekeeper ruleset`. */
export const keySentences = {
  'without {0} there are {1} {2} keys, and {3} must sign: replace it (`lanekeeper keys rotate {4}`)':
    '去掉 {0} 后只剩 {1} 把{2}密钥，而需 {3} 把签署：请更换它（`lanekeeper keys rotate {4}`）',
  '{0} keys of the root begin with {1}: `lanekeeper keys show` lists them':
    '根记录中有 {0} 把密钥以 {1} 开头：`lanekeeper keys show` 可列出',
  '{0} may be read by others: chmod 600 it, or replace the key': '他人可以读取 {0}：请 chmod 600，或更换密钥',
  '{0} holds no Ed25519 key: take one that lanekeeper made':
    '{0} 中没有 Ed25519 密钥：请用 lanekeeper 生成的密钥',
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
    '需 {1} 把{2}密钥，手头有 {0} 把：请用 --offline 给出 {3} 所在文件夹；未写入任何内容',
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

import type { Text } from './language.js'

/** What the console says about signing in, `person.*`; `role.*` and `notice.*` are words of its messages. */
export const personTexts = {
  'person.signIn': { 'zh-CN': '登录', en: 'Sign in' },
  'person.signInNote': {
    'zh-CN':
      '请用姓名和口令登录。首次登录或忘记口令时，请向管理员索取一次性链接（lanekeeper gateway link），打开后自行设置口令。',
    en: 'Sign in with your name and passphrase. The first time, or when you forgot it, ask whoever runs the gateway for a one-time link (lanekeeper gateway link); open it and set a passphrase of your own.',
  },
  'person.name': { 'zh-CN': '姓名', en: 'Name' },
  'person.passphrase': { 'zh-CN': '口令', en: 'Passphrase' },
  'person.signOut': { 'zh-CN': '退出登录', en: 'Sign out' },
  'person.noRole': { 'zh-CN': '无角色，仅可查看', en: 'no role: may look only' },
  'person.setTitle': { 'zh-CN': '设置口令', en: 'Set your passphrase' },
  'person.setNote': {
    'zh-CN': '您是通过一次性链接登录的。设置口令后，即可用姓名和口令登录。',
    en: 'You came by a one-time link. With a passphrase of your own you sign in by name from now on.',
  },
  'person.changeTitle': { 'zh-CN': '修改口令', en: 'Change the passphrase' },
  'person.rule': {
    'zh-CN': '至少 12 个字符，建议用四个词；不要告诉任何人。',
    en: 'At least 12 characters, four words for example. Tell it to nobody.',
  },
  'person.current': { 'zh-CN': '现用口令', en: 'Passphrase up to now' },
  'person.next': { 'zh-CN': '新口令', en: 'New passphrase' },
  'person.again': { 'zh-CN': '再次输入新口令', en: 'New passphrase again' },
  'person.differ': { 'zh-CN': '两次输入不一致', en: 'The two are not the same' },
  'person.set': { 'zh-CN': '保存口令', en: 'Save the passphrase' },
  'person.isSet': {
    'zh-CN': '口令已保存，您的其他登录均已结束',
    en: 'Saved. Your other sessions have ended',
  },
  'person.notices': { 'zh-CN': '您的登录记录', en: 'About your sign-ins' },
  'person.noticesNote': {
    'zh-CN': '若其中有非本人所为，可能有人以您的名义登录：请立即报告主管并修改口令。',
    en: 'If one of these was not you, somebody may have signed in as you: tell your supervisor at once and change the passphrase.',
  },
  'person.hereAt': { 'zh-CN': '网关本机', en: 'at the gateway’s own machine' },
  'person.from': { 'zh-CN': '来自 {address}', en: 'from {address}' },
  'person.by': { 'zh-CN': '由 {by} 申请，', en: 'asked for by {by}, ' },
  'person.seen': { 'zh-CN': '已阅', en: 'I have read this' },
  'person.seenByPassphrase': {
    'zh-CN': '用口令登录后方可标记为已阅',
    en: 'Sign in with the passphrase to say that you have read this',
  },
  'notice.linkMade': { 'zh-CN': '为您生成了一次性登录链接', en: 'A one-time sign-in link was made for you' },
  'notice.linkUsed': { 'zh-CN': '一次性链接已被使用', en: 'A one-time link was used to sign in as you' },
  'notice.passphraseSet': { 'zh-CN': '通过链接设置了口令', en: 'Your passphrase was set through a link' },
  'notice.passphraseChanged': { 'zh-CN': '口令已修改', en: 'Your passphrase was changed' },
  'notice.signInsStopped': {
    'zh-CN': '以您的姓名尝试登录失败次数过多，已暂停',
    en: 'Too many wrong tries to sign in under your name; they were stopped for a while',
  },
  'role.officer': { 'zh-CN': '关员', en: 'officer' },
  'role.inspector': { 'zh-CN': '查验员', en: 'inspector' },
  'role.supervisor': { 'zh-CN': '主管', en: 'supervisor' },
  'role.maintainer': { 'zh-CN': '维护员', en: 'maintainer' },
  'role.auditor': { 'zh-CN': '审计员', en: 'auditor' },
} as const satisfies Record<`${'person' | 'notice' | 'role'}.${string}`, Text>

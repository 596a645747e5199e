import { readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { settingProblems } from '../messages/text/issue-problem.js'
import { z } from 'zod'
import { sentencesInChinese } from './sentences/index.js'
import { askedLanguage, toldProblem, translated } from './spoken.js'
import { sentencesSaidIn } from './testing/said-in.js'

const root = path.resolve(import.meta.dirname, '../..')

t.test('the language is that of --lang, then of our own variable, then of the locale', async (t) => {
  const language = (args: string[], env: Record<string, string> = {}) => askedLanguage(args, env).language
  t.equal(language([]), 'en')
  t.equal(language([], { LANG: 'zh_CN.UTF-8' }), 'zh-CN')
  t.equal(language([], { LANG: 'zh_TW.UTF-8' }), 'zh-CN', 'the one Chinese there is')
  t.equal(language([], { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }), 'en', 'LC_ALL stands above LANG')
  t.equal(language([], { LANG: 'zh_CN.UTF-8', LC_ALL: '' }), 'zh-CN', 'an empty one says nothing')
  t.equal(language([], { LC_ALL: 'zh_CN.UTF-8', LANEKEEPER_LANG: 'en' }), 'en')
  t.equal(language(['lists', '--lang', 'zh-CN', 'status'], { LANEKEEPER_LANG: 'en' }), 'zh-CN')
  t.same(askedLanguage(['lists', '--lang', 'zh-CN', 'status'], {}).args, ['lists', 'status'])
  t.same(askedLanguage(['find', '--lang=zh-CN', '--', '--lang', 'en'], {}), {
    language: 'zh-CN',
    args: ['find', '--', '--lang', 'en'],
  })
  t.match(askedLanguage(['--lang', 'fr'], {}), { language: 'en', unknown: 'fr' })
  t.match(askedLanguage(['--lang'], {}), { unknown: '' })
})

t.test('problems are said in either language, place and values in it', async (t) => {
  const schema = z.strictObject({ port: z.int().max(65_535), mode: z.enum(['a', 'b']), host: z.string() })
  const raw = { port: 70_000, mode: 'c', colour: 'red' }
  const parsed = schema.safeParse(raw)
  const problems = parsed.success ? [] : settingProblems(parsed.error, raw)
  t.same(
    problems.map((problem) => toldProblem(problem, 'zh-CN')).sort(),
    [
      '（整体）: 未知字段：colour，请删除或改正。设置项见 config/*.example.zh-CN.yaml；驱动的全部设置项见其 README。',
      'host: 缺少此字段，必须填写',
      'mode: 只能是：a, b',
      'port: 不得大于 65535',
    ].sort(),
  )
  t.match(
    problems
      .map((problem) => toldProblem(problem, 'en'))
      .sort()
      .join('\n'),
    /mode: must be one of: a, b/,
  )
  const inYaml = { path: 'line 3, column 1', message: 'a tab stands where only blanks may indent.' }
  t.match(toldProblem(inYaml, 'zh-CN'), /^第 3 行第 1 列: 缩进只能用空格/)
  t.match(toldProblem(inYaml, 'en'), /^line 3, column 1: a tab/)
  const own = { path: 'lanes.0', message: 'unknown profile "x".', remedy: 'Known: a, b.' }
  t.equal(toldProblem(own, 'zh-CN'), 'lanes.0: 没有通道配置“x”。可用的有：a, b。')
  t.equal(toldProblem(own, 'en'), 'lanes.0: unknown profile "x". Known: a, b.')
})

t.test('an error is found again by its words: whole, by line, behind its place, or not at all', async (t) => {
  t.equal(translated('there is no readable journal /x', 'zh-CN'), '没有可读取的日志库 /x')
  t.equal(
    translated('k holds the keys of a site: rotate them, or take another folder [keys.exist]', 'zh-CN'),
    'k 中已有一个口岸的密钥：请更换密钥，或另用文件夹 [keys.exist]',
    'the code behind it stays',
  )
  t.equal(translated('/x: it is not of site p1', 'zh-CN'), '/x：不属于口岸 p1')
  t.equal(
    translated('it is of site a, this is b. Take the root of this site.', 'zh-CN'),
    '它属于口岸 a，而这里是 b。请用本口岸的根记录。',
  )
  t.equal(translated('the key has another id\nkey 1a was revoked', 'zh-CN'), '密钥编号不符\n密钥 1a 已吊销')
  t.equal(
    translated('connect ECONNREFUSED 127.0.0.1:1 to a or more', 'zh-CN'),
    'connect ECONNREFUSED 127.0.0.1:1 to a or more',
  )
  t.equal(translated('there is no readable journal /x', 'en'), 'there is no readable journal /x')
})

/** Where sentences for a terminal are made: configuration, identity, trust, and the program itself. */
const folders = [
  ...['edge/config', 'edge/enrol', 'edge/messages/trust', 'edge/cli'],
  ...['edge/drivers/barrier/opcua', 'edge/drivers/reader/line', 'edge/drivers/reader/mqtt'],
]
const files = [
  ...['edge/reader-bus/config.ts', 'edge/domain/decision/ruleset-data.ts', 'edge/messages/enrol.ts'],
  ...['edge/uplink/trust-file.ts', 'edge/store/read-only.ts', 'edge/store/lock.ts', 'edge/store/database.ts'],
  ...[
    'gateway/config.ts',
    'gateway/config-checks.ts',
    'gateway/trust/config.ts',
    'gateway/people/link-folder.ts',
  ],
  ...['gateway/lists/formats/agencies.ts', 'gateway/authority/authority.ts', 'gateway/store/database.ts'],
  ...['gateway/tasks/receipts.ts', 'edge/messages/text/issue-problem.ts', 'gateway/trust/authority.ts'],
  ...['gateway/lists/first-list.ts', 'gateway/store/read-lists.ts', 'gateway/store/migrations.ts'],
  ...['edge/store/read-lists.ts', 'edge/store/event-row.ts'],
  ...['edge/reader-bus/index.ts', 'edge/reader-bus/users.ts'],
]
/** What only whoever develops or measures the program ever meets, and texts that go into faults and logs. */
const others = [
  /edge\/cli\/(torture|bench|write-|simulation-keys)/,
  /\/testing\/|\.test\.ts$/,
  /edge\/drivers\/.*\/(?!config\.ts)[^/]+$/,
]

t.test('every sentence exists in Chinese, and none is left of a sentence that is gone', async (t) => {
  const sources = [
    ...folders.flatMap((folder) =>
      readdirSync(path.join(root, folder)).flatMap((name) =>
        name.endsWith('.ts') ? [`${folder}/${name}`] : [],
      ),
    ),
    ...files,
  ].filter((file) => !others.some((pattern) => pattern.test(file)))
  const said = new Map(
    sources.flatMap((file) =>
      sentencesSaidIn(path.join(root, file)).map((sentence) => [sentence, file] as const),
    ),
  )
  const missing = [...said].filter(([sentence]) => !Object.hasOwn(sentencesInChinese, sentence))
  t.same(
    missing.map(([sentence, file]) => `${file}: ${sentence}`),
    [],
  )
  t.same(
    Object.keys(sentencesInChinese).filter((sentence) => !said.has(sentence)),
    [],
  )
})

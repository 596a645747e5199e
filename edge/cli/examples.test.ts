import { cpSync, mkdirSync, readFileSync, writeFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { checkGatewayFiles, parseGatewayConfig } from '../../gateway/config.js'
import { systemClock } from '../base/clock.js'
import { defaultCargoPolicy } from '../domain/decision/cargo.js'
import { cargoProfiles } from '../domain/decision/cargo-profiles.js'
import { describeProblems } from '../base/result.js'
import { edgeFileProblems } from '../config/files.js'
import { besideFile, readYaml } from '../config/load.js'
import { parseEdgeConfig } from '../config/parse.js'
import { decisionSchema, timingSchema } from '../config/schema.js'
import { ownCertificate } from '../drivers/barrier/index.js'
import { initKeys } from './keys-make.js'
import { readAuthority } from '../../gateway/trust/authority.js'
import { schemaFiles } from './write-schemas.js'

/** What people start from must be right: the examples of config/ and the schemas that their editors take. */
const config = path.resolve('config')
const examples = { edge: 'edge.example.yaml', gateway: 'gateway.example.yaml' } as const
/** Of lanes for goods: what they have beside the others stands here. */
const laden = 'edge-laden.example.yaml'

function plain(file: string): unknown {
  const raw = readYaml(file)
  if (!raw.ok) throw new Error(describeProblems(raw.problems))
  return raw.value
}

/** The example of a kind in a folder of its own, with every file beside it that it names by a relative path. */
async function withItsFiles(
  t: Test,
  name: (typeof examples)['edge' | 'gateway'] | typeof laden,
): Promise<string> {
  const dir = t.testdir()
  const file = path.join(dir, name)
  cpSync(path.join(config, name), file)
  const own = await ownCertificate(path.join(dir, 'made'), systemClock.now().wallMs)
  for (const folder of ['secrets', 'tls', 'plc']) mkdirSync(path.join(dir, folder))
  const ofBus = ['bus-camera-1', 'bus-r700-2', 'bus-station-1', 'bus-devices-1']
  for (const secret of ['bus-edge', ...ofBus])
    writeFileSync(path.join(dir, 'secrets', secret), `the-secret-named-${secret}\n`, { mode: 0o600 })
  const nowMs = Math.round(systemClock.now().wallMs)
  const asked = { dir: path.join(dir, 'keys'), offline: [], days: 100, nowMs, rootDays: 400 }
  initKeys({ ...asked, site: 'port-1', rootKeys: 3, rootThreshold: 2 })
  const certificates = ['tls/reader-bus.pem', 'tls/ca.pem', 'tls/gateway.pem', 'plc/certificate.pem']
  for (const name of certificates) cpSync(own.certificateFile, path.join(dir, name))
  for (const name of ['tls/reader-bus.key', 'tls/gateway.key'])
    writeFileSync(path.join(dir, name), readFileSync(own.privateKeyFile), { mode: 0o600 })
  return file
}

t.test('the example of an edge can be run once its secrets and certificates are there', async (t) => {
  const file = await withItsFiles(t, examples.edge)
  const beside = (named: string) => besideFile(file, named)
  const parsed = parseEdgeConfig(plain(file), beside)
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  t.same(edgeFileProblems(plain(file), beside), [])
  t.same(
    parsed.value.lanes.map((lane) => lane.settings.id),
    ['in-1', 'out-1'],
  )
})

t.test('so can that of an edge with lanes for goods', async (t) => {
  const file = await withItsFiles(t, laden)
  const beside = (named: string) => besideFile(file, named)
  const parsed = parseEdgeConfig(plain(file), beside)
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  t.same(edgeFileProblems(plain(file), beside), [])
  const [first, second] = parsed.value.lanes.map(({ settings }) => settings)
  t.same(first?.decision.cargo, defaultCargoPolicy, 'what it calls a default is the default')
  t.same(
    cargoProfiles.roadInLaden.needs?.filter((need) => first?.profile.needs?.includes(need) !== true),
    ['police'],
  )
  t.equal(second?.decision.cargo, undefined)
})

/** The Chinese example beside an English one. */
const inChinese = (name: string) => name.replace(/yaml$/, 'zh-CN.yaml')
const bothLanguages = [...Object.values(examples), laden].map((name) => [name, inChinese(name)] as const)

/** The settings of an example in their order, those that are commented out as well; and its comments, joined by block. */
function read(file: string): { readonly settings: string[]; readonly comments: string[] } {
  const settings: string[] = []
  const comments: string[] = []
  let isInBlock = false
  for (const line of readFileSync(path.join(config, file), 'utf8').split('\n').slice(1)) {
    const [, prose] = /^ *#(?: *)(.*)$/.exec(line) ?? []
    const isOff = /^ *# +(- \S+$|(- )?[a-z][A-Za-z0-9]*:( |$))/.test(line)
    if (prose !== undefined && !isOff) {
      // What follows a comment that goes on is one with it; an empty line, or an empty comment, ends it.
      if (isInBlock) comments.push(`${comments.pop() ?? ''} ${prose}`)
      else if (prose !== '') comments.push(prose)
      isInBlock = prose !== ''
      continue
    }
    isInBlock = false
    const [setting = '', ...comment] = line.trim().replace(/^# +/, '').split(/ +# /)
    if (setting !== '') settings.push(`${setting}${comment.length > 0 ? ' #' : ''}`)
    if (comment.length > 0) comments.push(comment.join(' # '))
  }
  return { settings, comments }
}

/** Numbers of a comment, in any order: languages have their own. */
const numbersIn = (comment: string) => (comment.match(/-?\d+(\.\d+)*/g) ?? []).sort()

t.test('each example says the same in Chinese, setting by setting and comment by comment', (t) => {
  for (const [name, chinese] of bothLanguages) {
    t.same(plain(path.join(config, chinese)), plain(path.join(config, name)), `${chinese}: the values`)
    const [one, other] = [read(name), read(chinese)]
    const order = `${chinese}: the same settings in the same order, explained where ${name} explains them`
    t.same(other.settings, one.settings, order)
    t.equal(other.comments.length, one.comments.length, `${chinese}: as many comments`)
    const pairs = one.comments.map((comment, index) => [comment, other.comments[index] ?? ''] as const)
    const untold = pairs.filter(([, told]) => !/\p{Script=Han}/u.test(told))
    t.same(untold, [], `${chinese}: every comment is Chinese`)
    const astray = pairs.filter(([comment, told]) => `${numbersIn(told)}` !== `${numbersIn(comment)}`)
    t.same(astray, [], `${chinese}: units, ranges and defaults are those of ${name}`)
  }
  t.end()
})

/** The commands of a document, without what is said beside them in its language. */
function commandsOf(file: string): string[] {
  const blocks = readFileSync(file, 'utf8').match(/^```sh\n[^]*?^```$/gm) ?? []
  const lines = blocks.flatMap((block) => block.split('\n').slice(1, -1))
  return lines
    .map((line) => line.replace(/(^| +)# .*$/, '').replace(/\.zh-CN/g, ''))
    .filter((line) => line !== '')
}

t.test('who follows a document in Chinese types the same commands, in the same order', (t) => {
  for (const document of ['docs/keys.md', 'config/README.md']) {
    const [english, chinese] = [document, document.replace(/md$/, 'zh-CN.md')] as const
    const commands = commandsOf(english)
    t.not(commands.length, 0, english)
    t.same(commandsOf(chinese), commands, chinese)
    const sections = (file: string) => readFileSync(file, 'utf8').match(/^#+ /gm)
    t.same(sections(chinese), sections(english), `${chinese}: the same sections`)
    for (const [one, other] of [[english, chinese] as const, [chinese, english] as const])
      t.ok(readFileSync(one, 'utf8').includes(`](${path.basename(other)})`), `${one} leads to ${other}`)
  }
  t.end()
})

t.test('before that, each missing file is named with what to do', (t) => {
  const file = path.join(config, examples.edge)
  const problems = edgeFileProblems(plain(file), (named) => besideFile(file, named))
  t.equal(problems.length, 11, describeProblems(problems))
  t.ok(problems.every(({ remedy }) => remedy !== undefined))
  t.end()
})

t.test('the example of a gateway can be run once its secrets and certificates are there', async (t) => {
  const file = await withItsFiles(t, examples.gateway)
  const parsed = parseGatewayConfig(plain(file), path.dirname(file))
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  t.same(checkGatewayFiles(parsed.value), [])
  const { trust, site } = parsed.value
  t.ok(trust && readAuthority(trust, site, systemClock.now().wallMs).ok, 'with the keys of this site')
  rmSync(path.join(path.dirname(file), 'keys'), { recursive: true })
  t.match(checkGatewayFiles(parsed.value), [
    { path: 'trust.recordsDir', message: /ENOENT/, remedy: /keys/ },
    { path: 'trust.keysDir' },
    { path: 'trust.personsDir' },
  ])
})

t.test('what the example of an edge calls a default is the default', (t) => {
  const { lanes } = z
    .looseObject({ lanes: z.array(z.looseObject({})) })
    .parse(plain(path.join(config, examples.edge)))
  t.same(lanes[0]?.['timing'], timingSchema.parse({}), 'and every one of them is there')
  t.same(lanes[0]?.['decision'], decisionSchema.parse({}))
  t.end()
})

t.test('every setting stands in the examples, as a setting or in a comment', (t) => {
  for (const [kind, example] of Object.entries(examples)) {
    const files = kind === 'edge' ? [example, laden] : [example]
    const text = files.map((file) => readFileSync(path.join(config, file), 'utf8')).join('\n')
    const schema: unknown = JSON.parse(readFileSync(path.join(config, `${kind}.schema.json`), 'utf8'))
    const missing = [...settingsIn(schema)].filter((name) => !new RegExp(`\\b${name}:`).test(text))
    // Single node ids and lists are named by the README of the driver and above their place.
    t.same(missing, [], kind)
  }
  t.end()
})

/** Names of all settings in a JSON Schema, without the names of nodes and lists, which are data. */
function* settingsIn(schema: unknown): Generator<string> {
  if (schema === null || typeof schema !== 'object') return
  for (const [key, member] of Object.entries(schema) as [string, unknown][]) {
    if (key === 'properties' && member !== null && typeof member === 'object') {
      for (const [name, inner] of Object.entries(member) as [string, unknown][]) {
        yield name
        if (!['nodes', 'plcNodes', 'initialLists'].includes(name)) yield* settingsIn(inner)
      }
    } else yield* settingsIn(member)
  }
}

t.test('the schemas are those of the program', (t) => {
  for (const [name, content] of Object.entries(schemaFiles()))
    t.equal(
      readFileSync(path.join(config, name), 'utf8'),
      content,
      `${name}; else: node config/build.mjs --no-console && node dist/edge/cli/write-schemas.js`,
    )
  t.end()
})

t.test('each example names its schema for editors, and keeps to it', (t) => {
  const english = [...Object.entries(examples), ['edge', laden] as const]
  const chinese = english.map(([kind, name]) => [kind, inChinese(name)] as const)
  for (const [kind, example] of [...english, ...chinese]) {
    const file = path.join(config, example)
    const [, named] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8')) ?? []
    t.equal(named, `./${kind}.schema.json`, 'on the first line')
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(besideFile(file, named ?? ''), 'utf8')))
    t.same(schema.safeParse(plain(file)).error?.issues ?? [], [], example)
    t.equal(schema.safeParse({ ...Object(plain(file)), colour: 'red' }).success, false, 'and it can refuse')
  }
  t.end()
})

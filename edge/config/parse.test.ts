import path from 'node:path'
import t from 'tap'
import { describeProblems, type Problem } from '../base/result.js'
import { parseEdgeConfig } from './parse.js'

const folder = '/srv/edge'
const beside = (named: string) => path.resolve(folder, named)

const reader = {
  id: 'reader-1',
  kind: 'line',
  path: 'wires/reader-1',
  dialect: 'transcore',
  feeds: [{ lane: 'in-1' }],
}
const camera = {
  id: 'camera-1',
  kind: 'mqtt',
  url: 'mqtt://127.0.0.1:1884',
  username: 'edge',
  secretFile: 'secrets/bus-edge',
  topic: 'readers/camera-1',
  dialect: 'lanekeeper',
  feeds: [{ lane: 'in-1' }],
}
const barrier = {
  kind: 'opcua',
  endpoint: 'opc.tcp://127.0.0.1:4840',
  serverCertificateFile: 'plc/certificate.pem',
  pkiDir: 'pki',
}
const lane = { id: 'in-1', direction: 'in', profile: 'roadInNoBoxCar', barrier }
const least = {
  version: 1,
  site: 'port-1',
  edge: 'edge-1',
  dataDir: 'data',
  gateway: { mqtt: 'mqtts://gate.example', http: 'https://gate.example' },
  readers: [reader],
  lanes: [lane],
}

function problemsOf(more: object): readonly Problem[] {
  const parsed = parseEdgeConfig({ ...least, ...more }, beside)
  return parsed.ok ? [] : parsed.problems
}

t.test(
  'mistakes in the file and in the parts of its drivers come at once, and not one after the other',
  (t) => {
    const { path: _path, ...noPath } = reader
    const problems = problemsOf({
      site: 'port 1',
      journal: { keepDays: 0 },
      readers: [{ ...noPath, baudrate: 9_600 }, { ...camera, kind: 'usb' }, 'nothing'],
      lanes: [{ ...lane, direction: 'sideways', barrier: { ...barrier, policy: 'None' } }, null],
      readerBus: { users: [] },
    })
    const places = problems.map(({ path: at }) => at)
    for (const at of [
      'site',
      'journal.keepDays',
      'lanes.0.direction',
      'lanes.0.barrier.policy',
      'readerBus.users',
    ])
      t.ok(places.includes(at), at)
    t.match(describeProblems(problems), /readers\.0: .*baudrate/)
    t.match(describeProblems(problems), /readers\.0\.path/)
    t.match(describeProblems(problems), /readers\.1\.kind: unknown kind "usb"/)
    t.equal(new Set(places.map((at, n) => `${at} ${problems[n]?.message}`)).size, places.length, 'each once')
    for (const raw of [null, 'text', [], { readers: 7, lanes: 'x', readerBus: 7 }])
      t.notOk(parseEdgeConfig(raw, beside).ok)
    t.end()
  },
)

t.test('the least configuration fills in its defaults', (t) => {
  const parsed = parseEdgeConfig(least, beside)
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  t.match(parsed.value, { language: 'zh-CN', logLevel: 'info', journal: { keepDays: 7 }, readerBus: null })
  const [first] = parsed.value.lanes
  t.match(first?.settings, {
    initialMode: 'AUTO',
    timing: { collectMs: 400, leaseTicks: 20 },
    decision: { identifyWithinMs: 8_000, plateConfidenceMin: 0.9 },
    requiredDevices: ['reader-1', 'in-1'],
  })
  t.end()
})

t.test('paths are meant from the folder of the file, wherever the program was started', (t) => {
  const parsed = parseEdgeConfig({ ...least, dataDir: '/data', readers: [reader, camera] }, beside)
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  t.equal(parsed.value.dataDir, '/data', 'an absolute one stays')
  t.end()
})

t.test('a lane waits for every reader that feeds it, or for those that it names', (t) => {
  const devices = (more: object) => {
    const parsed = parseEdgeConfig(
      { ...least, readers: [reader, camera], lanes: [{ ...lane, ...more }] },
      beside,
    )
    return parsed.ok ? parsed.value.lanes[0]?.settings.requiredDevices : parsed.problems
  }
  t.same(devices({}), ['reader-1', 'camera-1', 'in-1'])
  t.same(devices({ requires: ['reader-1'] }), ['reader-1', 'in-1'], 'the barrier is always among them')
  t.end()
})

t.test('the hash stands for the file as it was meant, not as it was spelt', (t) => {
  const hashOf = (raw: object) => {
    const parsed = parseEdgeConfig(raw, beside)
    return parsed.ok ? parsed.value.configHash : undefined
  }
  t.equal(hashOf({ ...least, language: 'zh-CN' }), hashOf(least), 'a default that is written out')
  t.not(hashOf({ ...least, language: 'en' }), hashOf(least))
  t.ok(hashOf(least))
  t.end()
})

const wrong: readonly [name: string, more: object, at: string, says: RegExp][] = [
  [
    'a key for receipts that is none',
    { receiptKeys: ['MCowBQ=='] },
    'receiptKeys.0',
    /No Ed25519 public key/,
  ],
  ['an unknown key', { colour: 'red' }, '', /unknown: colour; take it out.*example\.yaml/],
  [
    'an unknown key of a lane',
    { lanes: [{ ...lane, gate: 1 }] },
    'lanes.0',
    /unknown: gate; .*example\.yaml/,
  ],
  [
    'an unknown key of a reader',
    { readers: [{ ...reader, baud: 9_600 }] },
    'readers.0',
    /unknown: baud; .*README of a driver/,
  ],
  [
    'an unknown key of a barrier',
    { lanes: [{ ...lane, barrier: { ...barrier, host: 'plc' } }] },
    'lanes.0.barrier',
    /unknown: host; .*README of a driver/,
  ],
  [
    'an unknown key of the reader bus',
    { readerBus: { users: [{ name: 'edge', secretFile: 's' }], prot: 1 } },
    'readerBus',
    /prot/,
  ],
  [
    'an unknown kind of reader',
    { readers: [{ ...reader, kind: 'usb' }] },
    'readers.0.kind',
    /unknown kind "usb".*Known: line, mqtt/,
  ],
  [
    'a kind that is a word of JavaScript',
    { readers: [{ ...reader, kind: 'constructor' }] },
    'readers.0.kind',
    /unknown kind/,
  ],
  [
    'an unknown kind of barrier',
    { lanes: [{ ...lane, barrier: { kind: 'relay' } }] },
    'lanes.0.barrier.kind',
    /unknown kind "relay".*Known: opcua/,
  ],
  [
    'an unknown profile',
    { lanes: [{ ...lane, profile: 'bicycle' }] },
    'lanes.0.profile',
    /bicycle.*Known: roadInNoBoxCar/,
  ],
  [
    'a reader that feeds a lane that is not there',
    { readers: [reader, { ...camera, feeds: [{ lane: 'in-9' }] }] },
    'readers.1.feeds.0.lane',
    /no lane "in-9".*Lanes: in-1/,
  ],
  [
    'a lane that nothing feeds',
    { lanes: [lane, { ...lane, id: 'in-2' }] },
    'lanes.1',
    /no reader feeds lane "in-2"/,
  ],
  [
    'a lane that requires a reader that is not there',
    { lanes: [{ ...lane, requires: ['x'] }] },
    'lanes.0.requires.0',
    /no reader "x"/,
  ],
  ['two readers of one name', { readers: [reader, reader] }, 'readers.1.id', /given twice/],
  ['two lanes of one name', { lanes: [lane, lane] }, 'lanes.1.id', /given twice/],
  [
    'a reader with the name of a lane',
    { readers: [{ ...reader, id: 'in-1' }] },
    'readers.0.id',
    /also a lane/,
  ],
  [
    'MQTT in clear',
    { gateway: { ...least.gateway, mqtt: 'mqtt://127.0.0.1' } },
    'gateway.mqtt',
    /begins with mqtts/,
  ],
  [
    'HTTP in clear',
    { gateway: { ...least.gateway, http: 'http://localhost' } },
    'gateway.http',
    /begins with https/,
  ],
  [
    'a secret towards the gateway, which takes none any more',
    { gateway: { ...least.gateway, secretFile: 'secrets/edge' } },
    'gateway',
    /secretFile/,
  ],
  [
    'a serial name that changes with the plugging',
    { readers: [{ ...reader, path: '/dev/ttyUSB0' }] },
    'readers.0.path',
    /by-id/,
  ],
  ['no lane at all', { lanes: [] }, 'lanes', /./],
  ['nine lanes', { lanes: Array.from({ length: 9 }, () => lane) }, 'lanes', /./],
  [
    'a time out of range',
    { lanes: [{ ...lane, timing: { collectMs: -1 } }] },
    'lanes.0.timing.collectMs',
    /./,
  ],
  ['an id with a slash', { edge: 'a/b' }, 'edge', /letters, digits/],
  ['another version', { version: 2 }, 'version', /./],
]

for (const [name, more, at, says] of wrong) {
  t.test(`${name} is refused at its place`, (t) => {
    const found = problemsOf(more).filter((problem) => problem.path === at)
    t.equal(found.length, 1, JSON.stringify(problemsOf(more)))
    t.match(describeProblems(found), says)
    t.end()
  })
}

t.test('all problems come at once, those of every driver included', (t) => {
  const problems = problemsOf({
    readerBus: { host: '0.0.0.0', users: [] },
    readers: [
      { ...reader, dialect: 'morse' },
      { ...camera, url: 'mqtt://gate.example', feeds: [{ lane: 'x' }] },
    ],
    lanes: [{ ...lane, profile: 'x', barrier: { ...barrier, endpoint: 'http://plc' } }],
  })
  t.same(problems.map((problem) => problem.path).sort(), [
    'lanes.0.barrier.endpoint',
    'lanes.0.profile',
    'readerBus.host',
    'readerBus.users',
    'readers.0.dialect',
    'readers.1.feeds.0.lane',
    'readers.1.url',
  ])
  t.end()
})

t.test('what is no configuration at all is a problem and no crash', (t) => {
  for (const raw of [null, undefined, 7, 'text', [], { lanes: 'many' }])
    t.equal(parseEdgeConfig(raw, beside).ok, false, JSON.stringify(raw))
  t.end()
})

t.test('a lane for goods names its profile, and may say itself what must be known', (t) => {
  const goods = { ...lane, profile: 'roadInLaden', needs: ['trip', 'weight'] }
  const cargo = { weightToleranceKg: 500, healthExpired: 'advise' }
  const parsed = parseEdgeConfig({ ...least, lanes: [{ ...goods, decision: { cargo } }] }, beside)
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  const [first] = parsed.value.lanes
  t.match(first?.settings.profile, { name: 'roadInLaden', crossing: 'RI', assumedLoad: 'L' })
  t.same(first?.settings.profile.needs, ['trip', 'weight'])
  t.match(first?.settings.decision.cargo, { ...cargo, weightLadenShare: 0.03, sealTriesMax: 3 })
  t.end()
})

t.test('everything wrong with a lane for goods is told at once, with its place', (t) => {
  const paths = (more: object) => problemsOf({ lanes: [{ ...lane, ...more }] }).map((problem) => problem.path)
  t.same(paths({ profile: 'roadInLadn', needs: ['trip', 'trip'] }), ['lanes.0.profile', 'lanes.0.needs.1'])
  t.same(paths({ profile: 'roadOutLaden' }), ['lanes.0.direction'])
  t.same(
    paths({
      profile: 'roadInLaden',
      needs: ['trip', 'luck'],
      decision: { cargo: { sealTriesMax: 0, luck: 1 } },
    }),
    ['lanes.0.needs.1', 'lanes.0.decision.cargo.sealTriesMax', 'lanes.0.decision.cargo'],
  )
  t.end()
})

t.test('the bays of a lane are its own, and serve reasons that a person may read', (t) => {
  const name = { 'zh-CN': '1 号查验台', en: 'bay 1' }
  const withBays = (...bays: readonly object[]) => ({ lanes: [{ ...lane, bays }] })
  const parsed = parseEdgeConfig(
    { ...least, ...withBays({ id: 'b1', name, reasons: ['RND-01', 'QUA-05'] }, { id: 'b2', name }) },
    beside,
  )
  t.match(parsed.ok && parsed.value.lanes[0]?.settings.bays, [
    { id: 'b1', name, reasons: ['RND-01', 'QUA-05'] },
    { id: 'b2', name },
  ])
  t.match(problemsOf(withBays({ id: 'b1', name }, { id: 'b1', name })), [
    { path: 'lanes.0.bays.1.id', message: '"b1" is given twice.' },
  ])
  for (const code of ['CTL-02S', 'QUA-99'])
    t.match(problemsOf(withBays({ id: 'b1', name, reasons: [code] })), [
      { path: 'lanes.0.bays.0.reasons.0', remedy: /decision-table/ },
    ])
  t.match(problemsOf(withBays({ id: 'b1', name: { en: 'bay 1' } })), [{ path: 'lanes.0.bays.0.name.zh-CN' }])
  t.end()
})

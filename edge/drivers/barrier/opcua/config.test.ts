import t from 'tap'
import { barrierDrivers } from '../index.js'
import { parseConfig } from './config.js'
import { laneNodesOf, plcNodesOf } from './nodes.js'

const least = {
  endpoint: 'opc.tcp://192.0.2.7:4840',
  serverCertificateFile: 'plc.pem',
  pkiDir: 'pki',
}

t.test('address, pinned certificate and own folder are enough', (t) => {
  const parsed = parseConfig(least)
  t.match(parsed, {
    ok: true,
    value: { ...least, policy: 'Basic256Sha256', raiseWithinMs: 500, plcPrefix: 'ns=1;s=plc.' },
  })
  t.equal(barrierDrivers.opcua.kind, 'opcua')
  t.end()
})

t.test('every problem of the settings is told at once, with its place', (t) => {
  const parsed = parseConfig({
    endpoint: 'http://plc',
    serverCertificateFile: '',
    policy: 'None',
    nodes: { entryLoop: 'EntryLoop', entryLop: 'ns=1;s=x', commandRequest: null },
    plcNodes: { tick: null },
    raiseWithinMs: 5,
    surprise: 1,
  })
  t.notOk(parsed.ok)
  if (parsed.ok) return t.end()
  t.same(parsed.problems.map((problem) => problem.path).sort(), [
    '',
    'endpoint',
    'nodes',
    'nodes.commandRequest',
    'nodes.entryLoop',
    'pkiDir',
    'plcNodes.tick',
    'policy',
    'raiseWithinMs',
    'serverCertificateFile',
  ])
  t.match(parsed.problems.find((problem) => problem.path === 'endpoint')?.message, /opc\.tcp:\/\//)
  t.match(parsed.problems.find((problem) => problem.path === 'nodes')?.message, /entryLop/)
  t.match(parseConfig({ ...least, tickSilentMs: 300, heartbeatEveryMs: 400 }), {
    ok: false,
    problems: [{ path: 'tickSilentMs' }],
  })
  t.end()
})

t.test('node ids come from the prefix, one by one from the settings, and guidance may be missing', (t) => {
  const parsed = parseConfig({
    ...least,
    nodes: { entryLoop: 'ns=3;s="DB1"."Loop"', voicePrompt: null },
    plcNodes: { tick: 'i=77' },
  })
  t.ok(parsed.ok)
  if (!parsed.ok) return t.end()
  t.match(laneNodesOf('ns=2;s=L1.', parsed.value.nodes), {
    entryLoop: 'ns=3;s="DB1"."Loop"',
    exitLoop: 'ns=2;s=L1.ExitLoop',
    commandRequest: 'ns=2;s=L1.CommandRequest',
    ledText: 'ns=2;s=L1.LedText',
    voicePrompt: null,
  })
  t.same(plcNodesOf(parsed.value.plcPrefix, parsed.value.plcNodes), {
    bootId: 'ns=1;s=plc.BootId',
    tick: 'i=77',
    watchdogTripped: 'ns=1;s=plc.WatchdogTripped',
    edgeHeartbeat: 'ns=1;s=plc.EdgeHeartbeat',
  })
  t.end()
})

import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { describeProblems } from '../../edge/base/result.js'
import { parseScenario } from '../scenario/format.js'
import { playReal } from './play.js'
import { failuresOf } from './report.js'

const prefix = 'lanekeeper-scenario-'
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))

/** Folders of scenarios that some process of this machine was started for. */
function foldersOfProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').match(/lanekeeper-scenario-\w+/g) ?? []
      } catch {
        // It ended meanwhile.
        return []
      }
    })
}

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(300_000)

t.test('real processes play a scenario, and say which of its lines did not come true', async (t) => {
  const before = new Set(folders())
  const order = { kind: 'order', orderId: 'O-1', agency: 'CUSTOMS', action: 'INTERCEPT', nature: 'OPEN' }
  const parsed = parseScenario({
    name: 'A held car is released by a person, with the number of the order',
    lists: [
      {
        kind: 'vehicle',
        vehicleId: 'V1',
        vehicleKind: 'CAR',
        plates: [{ region: 'CN', text: '粤A12345' }],
        carriesTag: true,
      },
      { kind: 'tag', epc: 'E2000000000000000000AA01', state: 'ACTIVE', vehicleId: 'V1' },
    ],
    vehicles: { car: { tags: ['E2000000000000000000AA01'], plates: ['粤A12345'] } },
    timeline: [
      {
        at: 0,
        put: {
          ...order,
          subject: { kind: 'VEHICLE', key: 'V1' },
          level: 2,
          reason: 'example',
          validFrom: 0,
          maxHits: 0,
          issuedBy: 'example',
        },
      },
      { at: 0, drives: 'car', lane: 1 },
      { at: 0, expect: 'passageEnded', how: 'violation', within: '1s' },
      { at: 0, never: 'passageOpened', for: '9s' },
      { at: 0, expect: 'held', reason: 'CTL-02', lane: 1, within: '8s' },
      { at: 0, expect: 'prompt', prompt: 'prompt.inspection', lane: 1, within: '8s' },
      { at: '8s', operator: 'release', lane: 1, reason: 'looks fine' },
      { at: '8s', expect: 'refused', why: 'interceptNeedsOrder', lane: 1, within: '2s' },
      { at: '8500ms', operator: 'release', lane: 1, reason: 'order checked', orderIds: ['O-1'] },
      { at: '8500ms', expect: 'raiseAccepted', lane: 1, within: '2s' },
      { at: '8500ms', expect: 'left', vehicle: 'car', how: 'through', within: '15s' },
      { at: '8500ms', expect: 'passageEnded', how: 'cleared', lane: 1, within: '15s' },
      { at: '8500ms', expect: 'everythingAtGateway', within: '15s' },
    ],
  })
  if (!parsed.ok) return t.fail(describeProblems(parsed.problems))
  let during: readonly string[] = []
  const result = await playReal(parsed.value, {
    clock: systemClock,
    onSeen: () => {
      if (during.length === 0) during = foldersOfProcesses().filter((name) => !before.has(name))
    },
  })
  t.match(
    failuresOf(result).sort(),
    [/^0\.0 s: expect passageEnded.*did not come to pass/, /^0\.0 s: never passageOpened.*it did come/],
    'the two lines that cannot be true',
  )
  t.equal(failuresOf(result).length, 2, failuresOf(result).join('\n'))
  const [own] = during
  t.ok(own, 'its processes were there')
  t.notOk(folders().includes(own ?? ''), 'its folder is removed')
  t.notOk(foldersOfProcesses().includes(own ?? ''), 'and its processes are gone')
})

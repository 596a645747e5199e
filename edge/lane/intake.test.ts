import t from 'tap'
import type { LaneEvent } from '../domain/lane/types.js'
import type { Read } from '../interfaces/reader.js'
import { Intake, mailboxMax } from './intake.js'

const common = {
  readerId: 'r',
  antenna: '0',
  zone: null,
  heardAt: { wallMs: 0, monoMs: 0 },
  readerAtMs: null,
}
const on = (read: Read): LaneEvent => ({ on: 'read', read })
const tag = on({ kind: 'tag', ...common, epc: 'E1', tid: null, rssiDbm: null, driverId: null, count: 1 })
const plate = on({ kind: 'plate', ...common, plate: { region: 'CN', text: 'P1' }, confidence: 1 })
const alarm = on({ kind: 'device', ...common, sensed: { of: 'radiation', is: 'alarm' } })

t.test('a flood of tags costs neither a plate nor a finding', (t) => {
  const intake = new Intake()
  intake.put(plate)
  intake.put(alarm)
  for (let i = 0; i < 2 * mailboxMax; i += 1) intake.put(tag)
  intake.put(alarm)
  intake.put(plate)
  const left = intake.peek().flatMap((event) => (event.on === 'read' ? event.read.kind : []))
  t.equal(left.filter((kind) => kind === 'device').length, 2)
  t.equal(left.filter((kind) => kind === 'plate').length, 2)
  t.ok(intake.counters.readsShed >= mailboxMax)
  t.match(intake.counters, { platesShed: 0, sensedShed: 0 })
  t.end()
})

t.test('plates and findings have bounds of their own, counted, and room again when they are taken', (t) => {
  const intake = new Intake()
  for (let i = 0; i < 70; i += 1) {
    intake.put(plate)
    intake.put(alarm)
  }
  t.match(intake.counters, { platesShed: 6, sensedShed: 6, readsShed: 0 })
  t.equal(intake.size, 128)
  while (intake.next()) continue
  intake.put(alarm)
  intake.put(plate)
  t.equal(intake.size, 2)
  t.match(intake.counters, { platesShed: 6, sensedShed: 6 })
  t.end()
})

import { isEntry } from './cargo-view.js'
import { no, notYet, unknown, whereNeeded, yes, type Rule } from './rule.js'

const onRoad = { crossings: ['RI', 'RO'], loads: 'all' } as const

/** Phase 0, rows 5 and 6: may anybody stand near this vehicle and whoever is in it? */
export const health: readonly Rule[] = [
  {
    crossings: 'all',
    loads: 'all',
    id: '5a',
    row: 5,
    code: 'RAD-01',
    condition: 'radiation alarm',
    conditionZh: '放射性报警',
    outcome: 'escalate',
    safety: true,
    unknown: 'SYS-01',
    obligations: ['INSPECT', 'ISOLATE'],
    prompt: 'prompt.stopAndWait',
    source: 'domain.md 6.2 row 5',
    when: (view) => {
      const { radiation } = view.cargo.seen
      if (radiation === 'alarm') return yes({ radiation })
      return radiation === 'unknown' ? whereNeeded(view, 'radiation', unknown({ missing: 'radiation' })) : no
    },
  },
  {
    crossings: 'all',
    loads: 'all',
    id: '5b',
    row: 5,
    code: 'SYS-01',
    condition: 'the profile needs a radiation measurement, and none came within identifyWithinMs',
    conditionZh: '通道要求放射性监测，时限内无测量结果',
    outcome: 'escalate',
    unknown: 'SYS-01',
    patience: 'identifyWithinMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 5; 6.1 (three-valued inputs)',
    when: (view) =>
      view.cargo.seen.radiation === null && view.cargo.needs('radiation') ? notYet(view, 'radiation') : no,
  },
  {
    ...onRoad,
    id: '6a',
    row: 6,
    code: 'HLT-01',
    condition: 'the driver has a fever',
    conditionZh: '司机体温异常',
    outcome: 'hold',
    unknown: 'SYS-01',
    obligation: 'HEALTH_CHECK',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 6',
    when: (view) => {
      const { temperature } = view.cargo.seen
      if (temperature === 'fever') return yes({ temperature })
      return temperature === 'unknown'
        ? whereNeeded(view, 'temperature', unknown({ missing: 'temperature' }))
        : no
    },
  },
  {
    ...onRoad,
    id: '6b',
    row: 6,
    code: 'HLT-01',
    condition: 'the driver, or one of the crew, is declared sick',
    conditionZh: '司机或随车人员申报患病',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'HEALTH_CHECK',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 6',
    when: (view) => {
      const { driver } = view.cargo
      if (driver === 'unknown') return whereNeeded(view, 'driver', unknown({ missing: 'driver' }))
      return isEntry(driver) && driver.declaredSick ? yes({ driver: driver.driverId }) : no
    },
  },
  {
    ...onRoad,
    id: '6c',
    row: 6,
    code: 'SYS-01',
    condition: 'the profile needs the driver’s temperature, and none was taken within identifyWithinMs',
    conditionZh: '通道要求测温，时限内无测温结果',
    outcome: 'escalate',
    unknown: 'SYS-01',
    patience: 'identifyWithinMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 6; 6.1 (three-valued inputs)',
    when: (view) =>
      view.cargo.seen.temperature === null && view.cargo.needs('temperature')
        ? notYet(view, 'temperature')
        : no,
  },
]

import type { ContainerEntry, QuarantineAreaEntry } from '../../../messages/cargo-entities.js'
import {
  exampleArea,
  exampleBox,
  exampleContainer,
  exampleLaden,
  type LadenChange,
} from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import type { LaneProfile } from '../types.js'
import type { Fact } from '../cargo.js'
import type { Cases } from './case.js'
import { declared, iqSays } from './papers.js'

const { roadInLaden, seaOutEmpty, seaOutEmptyOpened, seaOutLadenNoWood } = cargoProfiles
const clear = exampleLaden()

/** The truck comes from HK, and these areas are in force. */
const infected = (
  change: Partial<QuarantineAreaEntry>,
  profile: LaneProfile = roadInLaden,
  more: LadenChange = {},
) =>
  exampleLaden(
    { ...more, known: { areas: [exampleArea({ areaCode: 'HK', ...change })], ...more.known } },
    profile,
  )
const noAreas = (profile: LaneProfile = roadInLaden) => exampleLaden({ known: { areas: 'unknown' } }, profile)
const boxed = (entry: Fact<Partial<ContainerEntry>>, profile: LaneProfile = roadInLaden) =>
  exampleLaden(
    {
      known: {
        containers: {
          [exampleBox]:
            typeof entry === 'object' && entry !== null ? { ...exampleContainer, ...entry } : entry,
        },
      },
    },
    profile,
  )
const bothResults = { known: { declarations: declared({ result: 'PASS', treatmentDone: true }) } }
const passed = { known: { declarations: declared({ result: 'PASS' }) } }
const spraying = (sprayer: 'ready' | 'failed' | 'unknown') =>
  infected({ subjects: ['EMPTY'], measure: 'DISINFECT' }, seaOutEmpty, { seen: { sprayer } })

/** Rows 41 to 49. */
export const phase4: Cases = {
  '41': {
    yes: infected({ subjects: ['LADEN'] }),
    no: infected({ subjects: ['LADEN'] }, roadInLaden, bothResults),
    unknown: noAreas(),
  },
  '42a': { yes: boxed({ lock: 'LOCKED' }), no: clear, unknown: boxed('unknown') },
  '42b': {
    yes: iqSays({ ruling: 'LOCK' }),
    no: iqSays({ ruling: 'LOCK', result: 'PASS' }),
    unknown: iqSays('unknown'),
  },
  '43': {
    yes: infected({ subjects: ['EMPTY'], measure: 'DISINFECT' }, seaOutEmpty),
    no: infected({ subjects: ['EMPTY'], measure: 'DISINFECT', areaCode: 'XX' }, seaOutEmpty),
    unknown: noAreas(seaOutEmpty),
  },
  '44': {
    yes: infected({ subjects: ['VEHICLE'], measure: 'DISINFECT' }),
    no: infected({ subjects: ['EMPTY'], measure: 'DISINFECT' }),
    unknown: noAreas(),
  },
  '45a': {
    yes: infected({ subjects: ['LADEN'], measure: 'INSPECT' }),
    no: infected({ subjects: ['LADEN'], measure: 'INSPECT' }, roadInLaden, passed),
    unknown: noAreas(),
  },
  '45b': {
    yes: infected({ subjects: ['LADEN'], measure: 'DISINFECT' }),
    no: infected({ subjects: ['LADEN'], measure: 'DISINFECT' }, roadInLaden, bothResults),
    unknown: noAreas(),
  },
  '46': { yes: exampleLaden({}, seaOutEmptyOpened), no: exampleLaden({}, seaOutEmpty), unknown: null },
  '47': {
    yes: exampleLaden({ known: { declarations: declared({ woodPacking: 'unknown' }) } }, seaOutLadenNoWood),
    no: exampleLaden({}, seaOutLadenNoWood),
    unknown: exampleLaden({ known: { declarations: declared('unknown') } }, seaOutLadenNoWood),
  },
  '48': { yes: boxed({ originArea: null }), no: clear, unknown: boxed('unknown') },
  '49': { yes: spraying('failed'), no: spraying('ready'), unknown: spraying('unknown') },
}

import type { Cases } from './case.js'
import { phase0 } from './phase-0.js'
import { phase1 } from './phase-1.js'
import { phase2 } from './phase-2.js'
import { phase3 } from './phase-3.js'
import { phase4 } from './phase-4.js'
import { phase5 } from './phase-5.js'
import { phase6 } from './phase-6.js'
import { phase7 } from './phase-7.js'
import { phase8 } from './phase-8.js'
import { phase9 } from './phase-9.js'

/** The cases of every rule on driver and load, by phase of the table. */
export const cargoCases: Cases = {
  ...phase0,
  ...phase1,
  ...phase2,
  ...phase3,
  ...phase4,
  ...phase5,
  ...phase6,
  ...phase7,
  ...phase8,
  ...phase9,
}

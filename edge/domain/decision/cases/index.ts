import type { Cases } from './case.js'

/** The cases of every rule on driver and load, by phase of the table. */
export const cargoCases: Cases = {}

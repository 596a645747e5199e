import type { Sensed } from '../../interfaces/reader.js'
import { exampleDriver, exampleLaden, exampleTruck } from '../decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts, type Need } from '../decision/cargo.js'
import { cargoProfiles } from '../decision/cargo-profiles.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import type { LaneSettings } from './types.js'

export const ladenSettings: LaneSettings = { ...exampleSettings, profile: cargoProfiles.roadInLaden }

/** What the lists of the example hold of the truck. */
export const knownOfTruck: CargoFacts = exampleLaden().facts.cargo ?? noCargoFacts

/** What the devices of a laden lane tell of it when all is well. */
export const findings = {
  card: { of: 'card', cardNo: 'K1' },
  temperature: { of: 'temperature', is: 'normal' },
  radiation: { of: 'radiation', is: 'normal' },
  container: { of: 'container', number: 'TCLU 426544-9', confidence: 0.98 },
  seal: { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false },
  weight: { of: 'weight', grossKg: 30_100, stable: true, onScale: true },
} as const satisfies Record<string, Sensed>

export type Finding = keyof typeof findings
export const everything = Object.keys(findings) as Finding[]

export function weighed(grossKg: number): Sensed {
  return { of: 'weight', grossKg, stable: true, onScale: true }
}

/** Truck V1 of the examples (here E1, P1) is known in the lane, with these facts beside those of the example. */
export function withTruck<L extends ExampleLane>(lane: L, facts: () => Partial<CargoFacts> = () => ({})): L {
  lane.facts = (kind, key) => {
    if (key !== 'E1' && key !== 'P1') return { tag: null, vehicle: null }
    const tag = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' } as const
    const vehicle = { ...exampleTruck, plates: [{ region: 'CN', text: 'P1' } as const] }
    return { tag: kind === 'tag' ? tag : null, vehicle }
  }
  lane.cargoFacts = (ask) =>
    ask.vehicleId === 'V1' && ask.direction === 'in'
      ? {
          ...knownOfTruck,
          drivers: ask.driverCards.includes('K1') ? { K1: exampleDriver } : {},
          ...facts(),
        }
      : noCargoFacts
  return lane
}

/** A laden lane in which the truck is known; `needs`: what must be known there, if not what its profile says. */
export function ladenLane(facts: Partial<CargoFacts> = {}, needs?: readonly Need[]): ExampleLane {
  const profile = needs === undefined ? ladenSettings.profile : { ...ladenSettings.profile, needs }
  return withTruck(ExampleLane.started({ ...ladenSettings, profile }), () => facts)
}

/** The truck comes to the line with everything sensed but what is left out. */
export function comeWithout(lane: ExampleLane, ...left: readonly Finding[]): void {
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(...everything.filter((one) => !left.includes(one)).map((one) => findings[one]))
  lane.pass(400)
}

/** The code of the newest decision's primary reason. */
export function primary(lane: ExampleLane): string {
  const decision = lane.of('decided').at(-1)?.body['decision'] as { primary: string } | undefined
  return decision?.primary ?? 'none'
}

import type { Identities } from '../lists/control.js'
import type { CargoFacts, CargoObservations } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'

/**
 * Under what names an order or blacklist entry may speak of the load and of whoever drives it: the driver
 * of the card and the trip's, every container and seal read on the truck however faintly, whatever the trip and
 * its manifest name, and class and origin of the goods as declared. Containers of the same declaration on other trucks are not this one's.
 */
export function cargoSubjects(seen: CargoObservations, facts: CargoFacts): Identities {
  const trip = isEntry(facts.trip) ? facts.trip : null
  const driver = seen.driverCard === null ? null : factOf(facts.drivers, seen.driverCard)
  const containers = [...(seen.containers ?? []).map((one) => one.number), ...(trip?.containers ?? [])]
  const lines = isEntry(facts.manifest) ? facts.manifest.lines : []
  const ours = lines.filter(({ container }) => container !== null && containers.includes(container))
  const declarationNos = [
    ...(trip?.declarationNos ?? []),
    ...ours.flatMap(({ declarationNo }) => present(declarationNo)),
  ]
  const declarations = declarationNos.flatMap((no) => {
    const declaration = factOf(facts.declarations, no)
    return isEntry(declaration) ? [declaration] : []
  })
  return {
    epcs: [],
    plates: [],
    vehicleIds: trip === null ? [] : [trip.vehicleId, ...present(trip.trailerVehicleId)],
    companyIds: Object.keys(facts.companies),
    driverIds: [...(isEntry(driver) ? [driver.driverId] : []), ...present(trip?.driverId)],
    containers,
    declarationNos,
    sealIds: [...(seen.seals ?? []).map(({ sealId }) => sealId), ...sealsOf(facts, containers)],
    goodsClasses: declarations.map(({ goodsClass }) => goodsClass),
    originAreas: [
      ...declarations.flatMap(({ originArea }) => present(originArea)),
      ...containers.flatMap((number) => {
        const container = factOf(facts.containers, number)
        return isEntry(container) ? present(container.originArea) : []
      }),
    ],
  }
}

/** Seals on record of these containers, read or not: one that is not to be read does not free the truck. */
function sealsOf(facts: CargoFacts, containers: readonly string[]): string[] {
  return Object.values(facts.seals).flatMap((seal) =>
    isEntry(seal) && containers.includes(seal.container) ? [seal.sealId] : [],
  )
}

function present(name: string | null | undefined): string[] {
  return name === null || name === undefined ? [] : [name]
}

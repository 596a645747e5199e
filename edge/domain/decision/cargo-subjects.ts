import type { Identities } from '../lists/control.js'
import type { CargoFacts, CargoObservations } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'

/**
 * Under what names an order or blacklist entry may speak of the load and of whoever drives it: the driver
 * of the card and the trip's, every container read on the truck however faintly, and whatever the trip and
 * its manifest name. Containers of the same declaration on other trucks are not this one's.
 */
export function cargoSubjects(seen: CargoObservations, facts: CargoFacts): Identities {
  const trip = isEntry(facts.trip) ? facts.trip : null
  const driver = seen.driverCard === null ? null : factOf(facts.drivers, seen.driverCard)
  const containers = [...(seen.containers ?? []).map((one) => one.number), ...(trip?.containers ?? [])]
  const lines = isEntry(facts.manifest) ? facts.manifest.lines : []
  const ours = lines.filter(({ container }) => container !== null && containers.includes(container))
  return {
    epcs: [],
    plates: [],
    vehicleIds: trip === null ? [] : [trip.vehicleId, ...present(trip.trailerVehicleId)],
    companyIds: Object.keys(facts.companies),
    driverIds: [...(isEntry(driver) ? [driver.driverId] : []), ...present(trip?.driverId)],
    containers,
    declarationNos: [
      ...(trip?.declarationNos ?? []),
      ...ours.flatMap(({ declarationNo }) => present(declarationNo)),
    ],
  }
}

function present(name: string | null | undefined): string[] {
  return name === null || name === undefined ? [] : [name]
}

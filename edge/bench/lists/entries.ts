import type { ListEntry, ListName } from '../../messages/entities.js'

/** How a site's entries are spread over its lists, in hundredths. */
export const shares = {
  tags: 30,
  vehicles: 30,
  trips: 15,
  drivers: 10,
  orders: 10,
  blacklist: 5,
} as const satisfies Partial<Record<ListName, number>>

export type BenchList = keyof typeof shares
export const benchLists = Object.keys(shares) as readonly BenchList[]

export function countOf(list: BenchList, entries: number): number {
  return Math.floor((entries * shares[list]) / 100)
}

/** Some thousand numbers spread over all of them, the same in every run. */
export function* spreadNumbers(count: number, of: number): Generator<number> {
  for (let n = 0; n < count; n += 1) yield (n * 7_919 + 13) % of
}

export const epcOf = (n: number): string => `E2801170000002${digits(n)}`
export const vehicleOf = (n: number): string => `V${digits(n)}`
export const plateOf = (n: number): string => `粤Z${digits(n * 7)}港`

function digits(n: number): string {
  return n.toString(16).toUpperCase().padStart(8, '0')
}

/** The entry of a list with this number; `change` makes the same entry another one. */
export function entryOf(list: BenchList, n: number, change = 0): ListEntry {
  switch (list) {
    case 'tags':
      return { kind: 'tag', epc: epcOf(n), state: change === 0 ? 'ACTIVE' : 'LOST', vehicleId: vehicleOf(n) }
    case 'vehicles':
      return {
        kind: 'vehicle',
        vehicleId: vehicleOf(n),
        vehicleKind: 'TRUCK',
        plates: [
          { region: 'CN', text: plateOf(n) },
          { region: 'HK', text: `HK${digits(n + change)}` },
        ],
        carriesTag: true,
      }
    case 'trips':
      return {
        kind: 'trip',
        tripId: `T${digits(n)}`,
        vehicleId: vehicleOf(n),
        direction: change === 0 ? 'in' : 'out',
        load: 'L',
        containers: ['CSQU3054383'],
        declarationNos: [],
        sealIds: [],
        routeAreas: [],
        needsFitness: false,
        straightRelease: false,
      }
    case 'drivers':
      return {
        kind: 'driver',
        driverId: `D${digits(n)}`,
        cardNo: `C-${digits(n * 3)}`,
        state: 'ACTIVE',
        vehicleIds: [vehicleOf(n)],
        declaredSick: change !== 0,
      }
    case 'orders':
      return {
        kind: 'order',
        orderId: `O${digits(n)}`,
        agency: 'CUSTOMS',
        subject: { kind: 'TAG', key: epcOf(n * 3) },
        action: 'INTERCEPT',
        nature: 'OPEN',
        level: 2,
        reason: change === 0 ? '布控车辆，请拦停检查' : '更正',
        validFrom: 0,
        maxHits: 0,
        issuedBy: 'li',
      }
    case 'blacklist':
      return {
        kind: 'blacklist',
        entryId: `B${digits(n)}`,
        subject: { kind: 'VEHICLE', key: vehicleOf(n * 5) },
        level: 'STOP',
        agency: 'CUSTOMS',
        reason: change === 0 ? '多次违规' : '更正',
        validFrom: 0,
      }
  }
}

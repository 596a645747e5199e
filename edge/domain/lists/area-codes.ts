import type { ContainerEntry, DeclarationEntry, TripEntry } from '../../messages/cargo-entities.js'

/** The code of an area that is everywhere: a seasonal order. */
const everywhere = '*'

/** Under which codes an area may concern a load: its route, its origins and last ports, and everywhere. */
export function areaCodesOf(
  trip: TripEntry | null,
  declarations: readonly DeclarationEntry[],
  containers: readonly ContainerEntry[],
): string[] {
  const codes = [
    everywhere,
    ...(trip?.routeAreas ?? []),
    ...declarations.flatMap(({ originArea }) => originArea ?? []),
    ...containers.flatMap(({ originArea, lastPorts }) =>
      [originArea ?? [], ...lastPorts.map(prefixesOf)].flat(),
    ),
  ]
  return [...new Set(codes)].sort()
}

/** A port lies in every area whose code its own begins with (UN/LOCODE: two letters of the country first). */
export function prefixesOf(port: string): string[] {
  return Array.from({ length: Math.min(port.length, 8) }, (_, i) => port.slice(0, i + 1)).concat(port)
}

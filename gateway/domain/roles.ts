/** What people may do at the gateway (domain.md 5.2 *needs role*; section 7). A person may have several. */
export const roles = ['officer', 'inspector', 'supervisor', 'maintainer', 'auditor'] as const
export type Role = (typeof roles)[number]

/** A supervisor may do what those do whom he supervises; nobody else has anything beside his own. */
const includes: Readonly<Record<Role, readonly Role[]>> = {
  officer: [],
  inspector: [],
  supervisor: ['officer', 'inspector', 'auditor'],
  maintainer: [],
  auditor: [],
}

/** Whether somebody with these roles may do what needs that one. No role: nothing. */
export function holds(held: readonly Role[], needed: Role): boolean {
  return held.some((one) => one === needed || includes[one].includes(needed))
}

/** Somebody whom the configuration names, with what he may do. */
export interface Person {
  readonly name: string
  readonly roles: readonly Role[]
}

/**
 * The roles of a sign-in name. Where the configuration names nobody, whoever has the printed link has every
 * role, because somebody must be able to begin; anybody else may look and change nothing.
 */
export function rolesOf(people: readonly Person[], operator: string, name: string): readonly Role[] {
  if (people.length === 0) return name === operator ? roles : []
  return people.find((one) => one.name === name)?.roles ?? []
}

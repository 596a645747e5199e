import type { Agency } from '../../edge/messages/agencies.js'

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
  /** Whose orders this person places and lifts. */
  readonly agency?: Agency | undefined
}

/**
 * The roles of a sign-in name. Where the configuration names nobody, whoever has the printed link has every
 * role, because somebody must be able to begin; anybody else may look and change nothing.
 */
export function rolesOf(people: readonly Person[], operator: string, name: string): readonly Role[] {
  if (people.length === 0) return name === operator ? roles : []
  return people.find((one) => one.name === name)?.roles ?? []
}

/** The agency that the configuration gives a person. */
export function agencyOf(people: readonly Person[], name: string): Agency | undefined {
  return people.find((one) => one.name === name)?.agency
}

/** Whether there is a second pair of eyes for orders: two people at least have an agency. */
export function ordersTakeTwo(people: readonly Person[]): boolean {
  return people.filter(({ agency }) => agency !== undefined).length >= 2
}

/**
 * A sign-in name without what the eye passes over: capitals, wide letters, blanks around it. Two names with the
 * same plain form are one person, who must not be the second person to himself.
 */
export function plainName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

/** Whether two sign-in names are of one person. */
export function isSamePerson(one: string, other: string): boolean {
  return plainName(one) === plainName(other)
}

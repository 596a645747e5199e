/**
 * The points of one release at which the edge is killed, in order. K3 and K4 are one
 * transaction: just before it is asked for, and just after it is durable.
 */
export const killPoints = {
  K0: 'the entry loop is occupied, nothing recorded',
  K1: 'the opening of the passage is durable',
  K2: 'a tag of the passage is durable',
  K3: 'decision and intent are about to be recorded',
  K4: 'decision and intent are durable, nothing sent',
  K5: 'the request is on its way to the PLC',
  K6: 'the PLC has taken the request',
  K7: 'the arm is seen raised',
  K8: 'the exit loop is free again behind the vehicle',
  K9: 'the end of the passage is durable',
} as const

export type KillPoint = keyof typeof killPoints
export const killPointNames = Object.keys(killPoints) as KillPoint[]

/** File beside the configuration that names the point for the next start; it is removed when read. */
export const killAtFile = 'kill-at'

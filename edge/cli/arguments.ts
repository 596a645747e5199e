import { InvalidArgumentError } from 'commander'
import { told } from './spoken.js'

/** Takes whole numbers of an option or argument; anything else is wrong usage. `most` is taken too. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? told`${least} or more` : told`${least} to ${most}`
    throw new InvalidArgumentError(told`a whole number, ${range}`)
  }
}

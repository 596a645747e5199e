import { InvalidArgumentError } from 'commander'
import { languages, type Language } from '../messages/text/catalogue.js'

/** Takes whole numbers of an option or argument; anything else is wrong usage. `most` is taken too. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`
    throw new InvalidArgumentError(`a whole number, ${range}`)
  }
}

/** Takes a language that texts for people exist in. */
export function language(text: string): Language {
  const found = languages.find((one) => one === text)
  if (found === undefined) throw new InvalidArgumentError(languages.join(' or '))
  return found
}

import { rules } from './ruleset.js'

/**
 * Prompts of the reminders among a decision's advisories (`请及时充值`), in the order of the table: what
 * the board shows the driver after the release's own words. Other advisories are for officers.
 */
export function remindersOf(advisories: readonly string[]): string[] {
  return rules.flatMap(({ outcome, advisory, prompt }) =>
    outcome === 'none' && advisory !== undefined && advisories.includes(advisory) && isReminder(prompt)
      ? [prompt]
      : [],
  )
}

function isReminder(prompt: string): boolean {
  return prompt !== 'prompt.release'
}

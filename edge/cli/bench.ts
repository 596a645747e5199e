import type { Command } from 'commander'

export function addBench(program: Command): void {
  program.command('bench').description('Measurements beside their floor.').argument('[name]')
}

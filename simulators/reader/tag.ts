/** What a simulated reader is told to report. What its protocol cannot carry is left out. */
export interface SimulatedTag {
  readonly epc: string
  readonly tid?: string
  readonly antenna?: string
  readonly zone?: string
  readonly rssiDbm?: number
  readonly driverId?: string
  readonly count?: number
}

export interface SimulatedPlate {
  readonly text: string
  readonly region: 'CN' | 'HK' | 'MO' | 'OTHER'
  readonly confidence: number
  readonly antenna?: string
  readonly zone?: string
}

import qrcode from 'qrcode-generator'

/** A QR code as an SVG path of unit squares. */
export interface QrPicture {
  /** Modules along one side, the quiet zone included. */
  readonly size: number
  readonly path: string
}

/** The quiet zone that readers need around the code, modules (ISO/IEC 18004, 4 on each side). */
const quiet = 4

/**
 * The picture of a text, for scanners at the lane: as small as the text allows. Level M stays readable with 15 % of
 * it dirty, enough for a screen or fresh paper. Null: the text is too long.
 */
export function qrOf(text: string): QrPicture | null {
  try {
    const code = qrcode(0, 'M')
    code.addData(text, 'Byte')
    code.make()
    const modules = code.getModuleCount()
    const rows = Array.from({ length: modules }, (_, row) =>
      rowPath(row, modules, (at) => code.isDark(row, at)),
    )
    return { size: modules + 2 * quiet, path: rows.join('') }
  } catch {
    return null
  }
}

/** Dark modules that lie side by side are one rectangle, so that no gap shows between them when it is scaled. */
function rowPath(row: number, modules: number, isDark: (at: number) => boolean): string {
  let path = ''
  for (let at = 0; at < modules; at += 1) {
    if (!isDark(at)) continue
    const from = at
    while (at + 1 < modules && isDark(at + 1)) at += 1
    const width = at - from + 1
    path += `M${from + quiet} ${row + quiet}h${width}v1h-${width}z`
  }
  return path
}

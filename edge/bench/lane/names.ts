/** Nobody drives here: the floor's requests go to it, past the same program of the PLC as the others'. */
export const floorLane = 'floor'

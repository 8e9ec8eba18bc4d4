// What every panel gives the shell.

/**
 * A panel draws the rows of the table for one kind of explorer. It is made by `(spec, table, { wrap, svg })`: what the
 * explorer is, the numbers, and the elements to draw into.
 *
 * @typedef {object} Panel
 * @property {string} covers  What "reveal" uncovers, in one word; empty if that depends on the explorer.
 * @property {string} touch  The drawing's `touch-action`: what a finger on it does with the page.
 * @property {(width: number) => number} height  The height that suits a width, in pixels.
 * @property {(width: number, height: number) => void} layout  Makes the drawing anew for this size.
 * @property {(state: State) => void} draw  Draws a setting, after a layout.
 * @property {(x: number, y: number, state: State) => ?Drag} grab  What a press at this place takes hold of.
 * @property {(state: State) => string} describe  The setting's numbers in words, as Python's repr has them.
 * @property {(state: State) => {head: string[], body: string[][]}} rows  The numbers behind the drawing.
 * @property {Presses} [presses]  Its own buttons.
 * @property {(key: string, isShift: boolean, element: Element, state: State) => ?Moves} [typed]  What a key does on an
 * element of the drawing that can have the focus; null where the key is the explorer's.
 *
 * @typedef {object} State  A setting.
 * @property {Object<string, number|string>} index  Where each control stands; of a mask its text.
 * @property {boolean} revealed  Whether what can be covered is shown.
 * @property {Set<string>} hidden  The overlays that are switched off.
 * @property {?Object<string, number>} ghost  The setting before the last gesture.
 *
 * @typedef {[string, number|string][]} Moves  Controls with the values that they move to.
 *
 * @typedef {(x: number, y: number) => Moves} Drag
 * What follows a pointer to a place; its `cancel()`, if it has one, hears that all of it is taken back.
 *
 * @typedef {object} Presses
 * @property {string} words  What invites to use them.
 * @property {{act: string, text: string, title: string, press: (state: State) => Moves}[]} buttons
 */

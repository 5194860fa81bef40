/** The filters of a network's convolutions, each layer's asked for when it is first needed: all of them are megabytes. */

/** @typedef {{weights: number[][][][], bias: number[]}} LayerFilters [maps][maps read][height][width]. */

export class Filters {
  #model;
  #arrived;
  #known = new Map();

  /**
   * @param {{name: string, version: number}} model
   * @param {(layer: number) => void} arrived told which layer's are there now.
   */
  constructor(model, arrived) {
    this.#model = model;
    this.#arrived = arrived;
  }

  /**
   * @param {number} layer its index; of a convolution.
   * @returns {?LayerFilters} null: they are on their way, or another version serves by now.
   */
  of(layer) {
    if (!this.#known.has(layer)) this.#fetch(layer);
    return this.#known.get(layer);
  }

  async #fetch(layer) {
    this.#known.set(layer, null);
    const { name, version } = this.#model;
    try {
      const filters = await (await fetch(`models/${name}/weights/${layer}`)).json();
      if (filters.version !== version) return;
      this.#known.set(layer, filters);
      this.#arrived(layer);
    } catch {
      this.#known.delete(layer); // asked for again at the next need
    }
  }
}

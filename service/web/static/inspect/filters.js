/** The filters of a network's convolutions. Each layer's are fetched when first needed, since all of them are megabytes. */

/** @typedef {{weights: number[][][][], bias: number[]}} LayerFilters [maps][maps read][height][width]. */

export class Filters {
  #model;
  #arrived;
  #known = new Map();

  /**
   * @param {{name: string, version: number}} model
   * @param {(layer: number) => void} arrived called when the filters of a layer have arrived.
   */
  constructor(model, arrived) {
    this.#model = model;
    this.#arrived = arrived;
  }

  /**
   * @param {number} layer index of a convolution.
   * @returns {?LayerFilters} null while they load, or if another version is served now.
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
      this.#known.delete(layer); // fetch them again when next needed
    }
  }
}

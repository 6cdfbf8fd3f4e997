import type { JSX } from "preact";
import { Panel } from "../../components/panel";
import { Picture } from "../../components/picture";
import { money } from "../../format/money";
import type { Product } from "./types";

export function Products({ products }: { products: readonly Product[] }): JSX.Element | null {
  if (products.length === 0) return null;
  return (
    <Panel title="Products" count={products.length}>
      <ul class="products">
        {products.map((product) => (
          <li key={product.id}>
            {product.image_url && <Picture src={product.image_url} alt="" />}
            <span class="product-name">{product.name}</span>
            {product.price !== null && <span class="money">{money(product.price)}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

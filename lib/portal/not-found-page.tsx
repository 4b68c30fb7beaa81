import { Layout } from './layout.tsx';

export function NotFoundPage({ path }: { path: string }) {
  return (
    <Layout title="Not found">
      <h1>There is nothing here</h1>
      <p>
        No page at <code>{path}</code>. <a href="/">All customers</a> are listed on the front page.
      </p>
    </Layout>
  );
}

select role, metro, content from cell

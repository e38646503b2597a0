-- What the gate may do in the catalog's MySQL or MariaDB database, here `catalog`: read, nothing else.
-- Give the eight relations a database of their own, as views. The right is one to the whole of it: whoever may read
-- single tables alone is not told whether another one is absent or denied, and the gate takes neither for the other.
-- Name the host that the gate comes from, and set a password.
CREATE USER 'gate_catalog'@'%' WITH MAX_USER_CONNECTIONS 16;
GRANT SELECT ON catalog.* TO 'gate_catalog'@'%';

"""The distributed engine: Apache Spark, for catalogs that one machine cannot hold."""

"""The pages for people: the admin center's report, Connect Health, and one page an object."""
